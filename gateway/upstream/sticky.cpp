#include "upstream/sticky.hpp"

#include "core/http_date.hpp"
#include "http/values.hpp"

#include <charconv>

namespace adit::upstream {

namespace {

std::string_view attribute(model::sticky::same_site wish) noexcept {
    switch (wish) {
    case model::sticky::same_site::unsaid: break;
    case model::sticky::same_site::strict: return "; SameSite=Strict";
    case model::sticky::same_site::lax: return "; SameSite=Lax";
    case model::sticky::same_site::none: return "; SameSite=None";
    }
    return {};
}

} // namespace

sticky_value to_sticky_value(std::uint64_t number) noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    sticky_value out;
    for (auto at = out.rbegin(); at != out.rend(); ++at, number >>= 4) *at = digits[number & 15];
    return out;
}

std::optional<std::uint64_t> parse_sticky_value(std::string_view text) noexcept {
    if (text.size() != sticky_value{}.size()) return std::nullopt;
    std::uint64_t out = 0;
    for (const char c : text) {
        const auto digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return std::nullopt;
        out = out << 4 | static_cast<unsigned>(digit);
    }
    return out;
}

std::string_view sticky_key(const http::head& request, const model::sticky& wish) noexcept {
    const auto value = http::find_cookie(request, wish.cookie);
    return value.substr(0, value.find('|'));
}

std::string_view write_sticky_cookie(
    const model::sticky& wish, const sticky_value& value, const sticky_facts& facts, std::span<char> out
) noexcept {
    http_date end;
    std::string_view expires;
    if (wish.expires.count() > 0) {
        end = to_http_date(facts.now + std::chrono::duration_cast<std::chrono::seconds>(wish.expires));
        expires = {end.data(), end.size()};
    }
    char digits[24];
    std::string_view age;
    if (wish.ttl.count() > 0) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wish.ttl).count();
        const auto last = std::to_chars(digits, digits + sizeof digits, seconds).ptr;
        age = {digits, static_cast<std::size_t>(last - digits)};
    }
    const std::array<std::string_view, 16> parts{
        wish.cookie,
        "=",
        {value.data(), value.size()},
        facts.tag.empty() ? "" : "|",
        facts.tag,
        wish.path.empty() ? "" : "; Path=",
        wish.path,
        wish.domain.empty() ? "" : "; Domain=",
        wish.domain,
        expires.empty() ? "" : "; Expires=",
        expires,
        age.empty() ? "" : "; Max-Age=",
        age,
        "; HttpOnly",
        attribute(wish.site),
        wish.secure || facts.secure ? "; Secure" : ""};
    std::size_t size = 0;
    for (const auto part : parts) {
        if (part.size() > out.size() - size) return {};
        size += part.copy(out.data() + size, part.size());
    }
    return {out.data(), size};
}

} // namespace adit::upstream
