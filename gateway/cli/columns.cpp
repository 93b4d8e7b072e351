#include "cli/columns.hpp"

#include <algorithm>
#include <string_view>

namespace adit::cli {

namespace {

// Code points: near enough to what a terminal shows of names and sentences.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::size_t used_cells(const std::vector<std::string>& row) {
    const auto last = std::find_if(row.rbegin(), row.rend(), [](const auto& cell) { return !cell.empty(); });
    return static_cast<std::size_t>(row.rend() - last);
}

} // namespace

std::string columns::text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        const auto used = used_cells(row);
        if (widths.size() < used) widths.resize(used);
        // A last cell needs no room: a sentence there would push nothing aside.
        for (std::size_t i = 0; i + 1 < used; ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    std::string out;
    for (const auto& row : rows_) {
        const auto used = used_cells(row);
        out.append(used ? indent_ : 0, ' ');
        for (std::size_t i = 0; i < used; ++i) {
            out += row[i];
            if (i + 1 < used) out.append(widths[i] + 2 - width_of(row[i]), ' ');
        }
        out += '\n';
    }
    return out;
}

} // namespace adit::cli
