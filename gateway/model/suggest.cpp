#include "model/suggest.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace adit::model {

namespace {

constexpr std::size_t longest_word = 64; // bytes; nobody means a key by a longer one

std::string plain(std::string_view word) {
    std::string out;
    for (const char c : word)
        if (c != '-' && c != '_') out += lower(c);
    return out;
}

} // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    const auto width = b.size() + 1;
    std::vector<std::size_t> before(width), last(width), row(width);
    for (std::size_t j = 0; j < width; ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known) {
    if (word.size() > longest_word) return std::nullopt;
    const auto wanted = plain(word);
    if (wanted.empty()) return std::nullopt;
    std::optional<std::string_view> best;
    std::size_t best_distance = 0;
    for (const auto candidate : known) {
        const auto text = plain(candidate);
        const auto distance = edit_distance(wanted, text);
        // Half of a short word changed is another word.
        const auto bound = std::max<std::size_t>(1, std::min(wanted.size(), text.size()) / 3);
        if (distance > bound || (best && distance >= best_distance)) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

} // namespace adit::model
