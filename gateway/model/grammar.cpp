#include "model/grammar.hpp"

#include "core/bytes.hpp"
#include "core/ip.hpp"

#include <algorithm>

namespace adit::model {

namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_small(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_letter(char c) noexcept {
    return is_small(lower(c));
}

bool is_label(std::string_view label) noexcept {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_';
    });
}

bool is_number(std::string_view label) noexcept {
    return std::all_of(label.begin(), label.end(), is_digit);
}

template <class Rest>
bool is_name(std::string_view text, std::size_t longest, Rest rest) noexcept {
    if (text.empty() || text.size() > longest || (!is_small(text[0]) && !is_digit(text[0]))) return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return is_small(c) || is_digit(c) || rest(c);
    });
}

} // namespace

bool is_token(std::string_view text) noexcept {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

bool is_route_name(std::string_view text) noexcept {
    const auto is_part = [](std::string_view part) {
        return is_name(part, max_route_name, [](char c) { return c == '.' || c == '-'; });
    };
    if (text.size() > max_route_name) return false;
    for (;;) {
        const auto slash = text.find('/');
        if (!is_part(text.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        text.remove_prefix(slash + 1);
    }
}

bool is_track_name(std::string_view text) noexcept {
    return is_name(text, max_track_name, [](char c) { return c == '-'; });
}

bool is_dns_name(std::string_view text) noexcept {
    if (text.size() > 253) return false;
    if (!text.empty() && text.back() == '.') text.remove_suffix(1);
    if (text.empty()) return false;
    std::string_view last;
    for (auto rest = text; rest.data() != nullptr;) {
        const auto dot = rest.find('.');
        last = rest.substr(0, dot);
        if (!is_label(last)) return false;
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    return !is_number(last); // RFC 1123 §2.1: a name never ends like a dotted address
}

bool is_field_text(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    });
}

std::optional<fault> check_host_pattern(std::string_view text) {
    if (text.empty()) return fault{"a host is empty", "leave `hosts` out to match every host"};
    if (text == "*") return fault{"`*` alone is not a host", "leave `hosts` out to match every host"};
    if (text.find("://") != std::string_view::npos)
        return fault{"a host carries no scheme", "write " + std::string(text.substr(text.find("://") + 3))};
    if (text.find('/') != std::string_view::npos)
        return fault{"a host carries no path", "write the path under `path`"};
    if (text.front() == '[') {
        const auto address = text.back() == ']' ? parse_ip(text.substr(1, text.size() - 2)) : std::nullopt;
        if (address && !address->is_v4()) return std::nullopt;
        return fault{"not an IPv6 address in brackets", "e.g. [fd00::1], without a port"};
    }
    if (const auto address = parse_ip(text)) {
        if (address->is_v4() && text.find(':') == std::string_view::npos) return std::nullopt;
        return fault{"an IPv6 address stands in brackets", "write [" + std::string(text) + ']'};
    }
    if (const auto colon = text.find(':'); colon != std::string_view::npos)
        return fault{"a host is matched without its port", "write " + std::string(text.substr(0, colon))};
    if (text.back() == '.')
        return fault{
            "a host is written without the dot at its end",
            "write " + std::string(text.substr(0, text.size() - 1))};
    const bool wildcard = text.starts_with("*.");
    const auto name = wildcard ? text.substr(2) : text;
    if (name.find('*') != std::string_view::npos)
        return fault{"a wildcard stands for the whole first label only", "e.g. *.shop.test"};
    if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return fault{"a host is written in ASCII", "write the name in punycode, e.g. xn--bcher-kva.test"};
    if (!is_dns_name(name)) return fault{"not a DNS name", "letters, digits, '-' and '.', e.g. shop.test"};
    return std::nullopt;
}

} // namespace adit::model
