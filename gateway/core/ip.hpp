// IP addresses and prefixes as plain values, for rooms that know no sockets.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit {

// An IPv4 address is held as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that one comparison serves both.
struct ip_address {
    std::array<std::uint8_t, 16> bytes{};

    static ip_address v4(std::array<std::uint8_t, 4> octets) noexcept;
    bool is_v4() const noexcept;
    bool is_loopback() const noexcept;
    auto operator<=>(const ip_address&) const = default; // NOLINT: clang-tidy 14 takes a zero for a pointer
};

// Accepts dotted quads and RFC 5952 / RFC 4291 text without brackets, port or zone.
std::optional<ip_address> parse_ip(std::string_view text) noexcept;

// The shortest usual text (RFC 5952 for IPv6). The overload writes at most 46 bytes to `out` and returns the
// length.
std::string format_ip(const ip_address& address);
std::size_t format_ip(const ip_address& address, char* out) noexcept;

struct ip_prefix {
    ip_address address;
    std::uint8_t bits = 128; // counted in the 128-bit form: an IPv4 /8 is 104

    bool contains(const ip_address& candidate) const noexcept;
    bool operator==(const ip_prefix&) const = default;
};

// "10.0.0.0/8", "fd00::/8", or a bare address (its full length). Host bits may be set; they are ignored.
std::optional<ip_prefix> parse_prefix(std::string_view text) noexcept;

} // namespace adit
