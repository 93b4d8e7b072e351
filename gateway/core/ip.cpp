#include "core/ip.hpp"

#include "core/bytes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace adit {

namespace {
constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

char* write_octet(char* out, unsigned octet) noexcept {
    if (octet >= 100) *out++ = static_cast<char>('0' + octet / 100);
    if (octet >= 10) *out++ = static_cast<char>('0' + octet / 10 % 10);
    *out++ = static_cast<char>('0' + octet % 10);
    return out;
}

} // namespace

ip_address ip_address::v4(std::array<std::uint8_t, 4> octets) noexcept {
    ip_address out;
    std::copy(v4_mapped.begin(), v4_mapped.end(), out.bytes.begin());
    std::copy(octets.begin(), octets.end(), out.bytes.begin() + 12);
    return out;
}

bool ip_address::is_v4() const noexcept {
    return std::equal(v4_mapped.begin(), v4_mapped.end(), bytes.begin());
}

bool ip_address::is_loopback() const noexcept {
    if (is_v4()) return bytes[12] == 127;
    return std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; }) && bytes[15] == 1;
}

std::optional<ip_address> parse_ip(std::string_view text) noexcept {
    char buffer[INET6_ADDRSTRLEN];
    if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    if (std::strlen(buffer) != text.size()) return std::nullopt;
    std::array<std::uint8_t, 4> octets;
    if (inet_pton(AF_INET, buffer, octets.data()) == 1) return ip_address::v4(octets);
    ip_address out;
    if (inet_pton(AF_INET6, buffer, out.bytes.data()) == 1) return out;
    return std::nullopt;
}

// Once a request; inet_ntop() goes through sprintf(), at a price of a thousand instructions and more.
std::size_t format_ip(const ip_address& address, char* out) noexcept {
    if (address.is_v4()) {
        char* at = out;
        for (auto i = v4_mapped.size(); i < address.bytes.size(); ++i) {
            if (i > v4_mapped.size()) *at++ = '.';
            at = write_octet(at, address.bytes[i]);
        }
        *at = '\0';
        return static_cast<std::size_t>(at - out);
    }
    inet_ntop(AF_INET6, address.bytes.data(), out, INET6_ADDRSTRLEN);
    return std::strlen(out);
}

std::string format_ip(const ip_address& address) {
    char buffer[INET6_ADDRSTRLEN];
    return std::string(buffer, format_ip(address, buffer));
}

bool ip_prefix::contains(const ip_address& candidate) const noexcept {
    const std::size_t whole = bits / 8;
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole, candidate.bytes.begin()))
        return false;
    if (bits % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - bits % 8));
    return (address.bytes[whole] & mask) == (candidate.bytes[whole] & mask);
}

std::optional<ip_prefix> parse_prefix(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto address = parse_ip(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return ip_prefix{*address, 128};
    const auto bits = parse_decimal(text.substr(slash + 1));
    const std::uint64_t width = address->is_v4() ? 32 : 128;
    if (!bits || *bits > width) return std::nullopt;
    return ip_prefix{*address, static_cast<std::uint8_t>(128 - width + *bits)};
}

} // namespace adit
