#include "fuzz/reference.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace adit::fuzz {

namespace {

constexpr std::size_t line_limit = 8192, head_limit = 32'768, field_limit = 128;

const std::string token = "[-!#$%&'*+.^_`|~0-9A-Za-z]+";

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127;
    });
}

std::string trim(std::string text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return "";
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool is_request_line(const std::string& line, reference_head& out) {
    static const std::regex shape("(" + token + ") ([^ \t#]+) HTTP/1\\.[0-9]");
    static const std::regex absolute("https?://[^/?]+([/?].*)?", std::regex::icase);
    std::smatch parts;
    if (!std::regex_match(line, parts, shape)) return false;
    out.method = parts[1];
    out.target = parts[2];
    if (out.target == "*") return out.method == "OPTIONS";
    return out.method == "CONNECT" || out.target[0] == '/' || std::regex_match(out.target, absolute);
}

bool is_status_line(const std::string& line, reference_head& out) {
    static const std::regex shape("HTTP/1\\.[0-9] ([1-5][0-9][0-9])( .*)?");
    std::smatch parts;
    if (!std::regex_match(line, parts, shape)) return false;
    out.status = static_cast<unsigned>(std::stoul(parts[1]));
    return true;
}

bool is_field_line(const std::string& line, std::pair<std::string, std::string>& out) {
    static const std::regex shape("(" + token + "):(.*)");
    std::smatch parts;
    if (!std::regex_match(line, parts, shape)) return false;
    out = {parts[1], trim(parts[2])};
    return true;
}

// The next line of `bytes` without its CRLF. `more` also if only its beginning has come and is not yet wrong.
verdict take_line(std::string_view& bytes, std::string& line) {
    const auto end = bytes.find('\n');
    auto text = bytes.substr(0, end);
    if (end == std::string_view::npos) {
        if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
        return has_control(text) ? verdict::refused : verdict::more;
    }
    if (text.empty() || text.back() != '\r') return verdict::refused;
    text.remove_suffix(1);
    if (has_control(text)) return verdict::refused;
    line = text;
    bytes.remove_prefix(end + 1);
    return verdict::accepted;
}

template <class FirstLine>
reference_head read_head(std::string_view bytes, bool is_request, FirstLine first_line) {
    reference_head out;
    const auto refuse = [&] {
        out.what = verdict::refused;
        return out;
    };
    while (is_request && bytes.substr(out.skipped, 2) == "\r\n") out.skipped += 2;
    if (out.skipped > 8) return refuse();
    bytes.remove_prefix(out.skipped);
    const auto all = bytes.size();
    if (is_request && (bytes.empty() || bytes == "\r")) return out;
    for (std::size_t number = 0;; ++number) {
        std::string line;
        const auto before = bytes;
        const auto got = take_line(bytes, line);
        const auto size = static_cast<
            std::size_t>(std::distance(before.begin(), std::find_if(before.begin(), before.end(), [](char c) {
                                           return has_control({&c, 1});
                                       })));
        if (number == 0 && size > line_limit) return refuse();
        if (all - before.size() + size + 2 > head_limit) return refuse();
        if (got != verdict::accepted) {
            out.what = got;
            return out;
        }
        if (number == 0) {
            if (!first_line(line, out)) return refuse();
        } else if (line.empty()) {
            out.what = verdict::accepted;
            out.size = all - bytes.size();
            return out;
        } else {
            out.fields.emplace_back();
            if (!is_field_line(line, out.fields.back()) || out.fields.size() > field_limit) return refuse();
            const auto hosts = std::count_if(out.fields.begin(), out.fields.end(), [](const auto& field) {
                return lower(field.first) == "host";
            });
            if (is_request && hosts > 1) return refuse();
        }
    }
}

} // namespace

reference_head read_request(std::string_view bytes) {
    return read_head(bytes, true, is_request_line);
}

reference_head read_response(std::string_view bytes) {
    return read_head(bytes, false, is_status_line);
}

reference_body read_chunked(std::string_view bytes) {
    // chunk-size [ BWS ";" anything whose quotes are closed ]
    static const std::regex shape("([0-9A-Fa-f]{1,15})([ \t]*;([^\"]|\"([^\"\\\\]|\\\\.)*\")*)?");
    reference_body out;
    const auto all = bytes.size();
    const auto stop = [&](verdict what) {
        out.what = what;
        return out;
    };
    for (;;) {
        std::string line;
        if (const auto got = take_line(bytes, line); got != verdict::accepted) return stop(got);
        std::smatch parts;
        if (line.size() > 254 || !std::regex_match(line, parts, shape)) return stop(verdict::refused);
        const auto size = std::stoull(parts[1], nullptr, 16);
        if (size == 0) break;
        out.payload += bytes.substr(0, size);
        if (bytes.size() < size) return stop(verdict::more);
        bytes.remove_prefix(size);
        if (bytes.substr(0, 2) != std::string_view{"\r\n"}.substr(0, std::min<std::size_t>(2, bytes.size())))
            return stop(verdict::refused);
        if (bytes.size() < 2) return stop(verdict::more);
        bytes.remove_prefix(2);
    }
    for (const auto begun = bytes.size();;) {
        std::string line;
        const auto got = take_line(bytes, line);
        if (begun - bytes.size() > 2048) return stop(verdict::refused);
        if (got != verdict::accepted) return stop(begun > 2048 ? verdict::refused : got);
        if (line.empty()) break;
        std::pair<std::string, std::string> field;
        if (!is_field_line(line, field)) return stop(verdict::refused);
    }
    out.size = all - bytes.size();
    return stop(verdict::accepted);
}

} // namespace adit::fuzz
