#include "http/field_id.hpp"

#include "core/bytes.hpp"

#include <array>
#include <cstring>

namespace adit::http {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, field_id_count> spellings{
    "",
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Date",
    "Expect",
    "Forwarded",
    "Host",
    "HTTP2-Settings",
    "Keep-Alive",
    "Location",
    "Max-Forwards",
    "Origin",
    "Proxy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Referer",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Key",
    "Server",
    "Server-Timing",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "Vary",
    "Via",
    "X-Canary",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
    "X-Forwarded-Scheme",
    "X-Original-Forwarded-For",
    "X-Real-IP",
    "X-Request-ID",
    "X-Scheme",
    "X-Version-Route",
    "traceparent",
    "tracestate"};

constexpr std::size_t slots = 512;

constexpr std::size_t slot_of(std::string_view name, std::uint64_t factor) noexcept {
    const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(name[i])}; };
    const auto size = name.size();
    // The last two letters both count: Host and Port, as ends of a name, differ in the last but one.
    const auto mixed =
        at(0) | at(size / 2) << 8 | at(size > 1 ? size - 2 : 0) << 16 | at(size - 1) << 24 | size << 32;
    // Both cases of a letter in one slot; what else shares it is told apart by comparison.
    return ((mixed | 0x2020'2020) * factor) >> 55;
}

// A multiplier under which no two names share a slot, found by the compiler.
consteval std::uint64_t find_factor() {
    for (std::uint64_t candidate = 0x9e3779b97f4a7c15;; candidate += 0x632be59bd9b4e01a) {
        std::array<bool, slots> taken{};
        bool collides = false;
        for (std::size_t i = 1; i < spellings.size() && !collides; ++i) {
            auto& slot = taken[slot_of(spellings[i], candidate)];
            collides = slot;
            slot = true;
        }
        if (!collides) return candidate;
    }
}
constexpr std::uint64_t factor = find_factor();

constexpr auto table = [] {
    std::array<field_id, slots> out{};
    for (std::size_t i = 1; i < spellings.size(); ++i)
        out[slot_of(spellings[i], factor)] = static_cast<field_id>(i);
    return out;
}();

// A spelling made ready for comparison without case, eight octets a step: an octet may differ from the
// spelled one in 0x20, and only where that one is a letter.
struct pattern {
    std::array<char, 24> octets{}, case_bits{};
    std::size_t size = 0;
};

constexpr auto patterns = [] {
    std::array<pattern, field_id_count> out{};
    for (std::size_t i = 0; i < spellings.size(); ++i) {
        out[i].size = spellings[i].size();
        for (std::size_t at = 0; at < spellings[i].size(); ++at) {
            const char c = lower(spellings[i][at]);
            out[i].octets[at] = c;
            out[i].case_bits[at] = c >= 'a' && c <= 'z' ? 0x20 : 0;
        }
    }
    return out;
}();

template <class Word>
bool differs(const char* name, const pattern& wanted, std::size_t at) noexcept {
    Word received, octets, case_bits;
    std::memcpy(&received, name + at, sizeof received);
    std::memcpy(&octets, wanted.octets.data() + at, sizeof octets);
    std::memcpy(&case_bits, wanted.case_bits.data() + at, sizeof case_bits);
    return ((received ^ octets) & ~case_bits) != 0;
}

bool matches(const pattern& wanted, std::string_view name) noexcept {
    const auto size = name.size();
    if (wanted.size != size) return false;
    if (size < 4) return iequals(name, {wanted.octets.data(), size});
    // The last word overlaps the one before it.
    if (size < 8)
        return !differs<std::uint32_t>(name.data(), wanted, 0) &&
               !differs<std::uint32_t>(name.data(), wanted, size - 4);
    for (std::size_t at = 0; at + 8 < size; at += 8)
        if (differs<std::uint64_t>(name.data(), wanted, at)) return false;
    return !differs<std::uint64_t>(name.data(), wanted, size - 8);
}

} // namespace

field_id parse_field_id(std::string_view name) noexcept {
    if (name.empty()) return field_id::unknown;
    const auto candidate = table[slot_of(name, factor)];
    return matches(patterns[static_cast<std::size_t>(candidate)], name) ? candidate : field_id::unknown;
}

std::string_view to_text(field_id id) noexcept {
    return spellings[static_cast<std::size_t>(id)];
}

} // namespace adit::http
