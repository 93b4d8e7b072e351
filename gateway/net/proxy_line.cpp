#include "net/proxy_line.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace adit::net {

namespace {

using verdict = proxy_line::verdict;

constexpr std::string_view first_version = "PROXY ";
constexpr std::string_view second_version{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_part = 16; // signature, version and command, family, length
constexpr std::size_t addresses = 36;  // at most, of those that are looked at

bool begins(std::string_view bytes, std::string_view with) noexcept {
    const auto both = std::min(bytes.size(), with.size());
    return bytes.substr(0, both) == with.substr(0, both);
}

std::string_view next_word(std::string_view& line) noexcept {
    const auto end = line.find(' ');
    const auto word = line.substr(0, end);
    line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
    return word;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    const auto value = parse_decimal(text);
    if (!value || *value > 65'535 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

// "TCP4 192.0.2.1 198.51.100.1 56324 443", without the end of the line.
proxy_line read_words(std::string_view line, std::size_t size) noexcept {
    const proxy_line wrong{verdict::malformed, 0, {}, 0};
    const auto family = next_word(line);
    if (family == "UNKNOWN") return {verdict::done, size, {}, 0}; // whatever else it says (§2.1)
    if (family != "TCP4" && family != "TCP6") return wrong;
    const auto source = parse_ip(next_word(line));
    const auto target = parse_ip(next_word(line));
    const auto source_port = parse_port(next_word(line));
    const auto target_port = parse_port(next_word(line));
    if (!source || !target || !source_port || !target_port || line.data() != nullptr) return wrong;
    // An IPv4-mapped address is what an IPv6 listener calls an IPv4 client.
    if (family == "TCP4" && (!source->is_v4() || !target->is_v4())) return wrong;
    return {verdict::done, size, source, *source_port};
}

proxy_line read_first(std::string_view bytes) noexcept {
    const auto end = bytes.substr(0, max_proxy_line).find('\n');
    if (end == std::string_view::npos) {
        const bool too_long = bytes.size() >= max_proxy_line;
        return {too_long ? verdict::malformed : verdict::more, 0, {}, 0};
    }
    if (bytes[end - 1] != '\r') return {verdict::malformed, 0, {}, 0};
    return read_words(bytes.substr(first_version.size(), end - 1 - first_version.size()), end + 1);
}

proxy_line read_second(std::string_view bytes) noexcept {
    const proxy_line wrong{verdict::malformed, 0, {}, 0};
    if (bytes.size() < fixed_part) return {};
    const auto octet = [&](std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
    const auto size = fixed_part + static_cast<std::size_t>(octet(14) << 8 | octet(15));
    const unsigned command = octet(12) & 15U;
    if (octet(12) >> 4 != 2 || command > 1 || size > max_proxy_header) return wrong;
    if (bytes.size() < std::min(size, fixed_part + addresses)) return {};
    proxy_line out{verdict::done, size, {}, 0};
    if (command == 0) return out; // LOCAL: the balancer's own connection, a health check
    const auto family = octet(13) >> 4;
    const auto after = fixed_part;
    if (family == 1) { // IPv4: two addresses, two ports
        if (size < fixed_part + 12) return wrong;
        std::array<std::uint8_t, 4> address;
        std::memcpy(address.data(), bytes.data() + after, address.size());
        out.client = ip_address::v4(address);
        out.client_port = static_cast<std::uint16_t>(octet(after + 8) << 8 | octet(after + 9));
    } else if (family == 2) { // IPv6
        if (size < fixed_part + 36) return wrong;
        ip_address address;
        std::memcpy(address.bytes.data(), bytes.data() + after, address.bytes.size());
        out.client = address;
        out.client_port = static_cast<std::uint16_t>(octet(after + 32) << 8 | octet(after + 33));
    }
    return out; // other families name nobody that a rule could look at (§2.2)
}

} // namespace

proxy_line read_proxy_line(std::string_view bytes) noexcept {
    if (bytes.empty()) return {};
    if (begins(bytes, second_version)) {
        if (bytes.size() < second_version.size()) return {};
        return read_second(bytes);
    }
    if (!begins(bytes, first_version)) return {verdict::absent, 0, {}, 0};
    if (bytes.size() < first_version.size()) return {};
    return read_first(bytes);
}

} // namespace adit::net
