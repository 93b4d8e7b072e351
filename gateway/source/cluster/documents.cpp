#include "source/cluster/documents.hpp"

#include "core/bytes.hpp"

namespace adit::source::cluster {

namespace {

// YAML 1.2.2 §9.1.2: at the beginning of a line, with a blank or the line's end behind it. No scalar may hold
// one.
bool begins_document(std::string_view line) noexcept {
    return line.starts_with("---") &&
           (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\r');
}

bool says_something(std::string_view line) noexcept {
    if (begins_document(line)) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trim_ows(line);
    return !line.empty() && line[0] != '#' && line[0] != '%' && line != "...";
}

} // namespace

std::vector<document> split_documents(std::string_view file) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (file.starts_with(byte_order_mark)) file.remove_prefix(byte_order_mark.size());
    std::vector<document> out;
    std::size_t begin = 0;
    int first_line = 1, line_number = 1;
    bool something = false;
    const auto close = [&](std::size_t end) {
        if (something) out.push_back({file.substr(begin, end - begin), first_line});
        begin = end;
        first_line = line_number;
        something = false;
    };
    for (std::size_t at = 0; at < file.size(); ++line_number) {
        const auto end = file.find('\n', at);
        const auto line = file.substr(at, end == std::string_view::npos ? end : end - at);
        if (begins_document(line)) close(at);
        something = something || says_something(line);
        at = end == std::string_view::npos ? file.size() : end + 1;
    }
    close(file.size());
    return out;
}

} // namespace adit::source::cluster
