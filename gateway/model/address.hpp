// Where to listen and where to send, as an operator writes it in a file or behind a flag.
#pragma once

#include "model/fault.hpp"
#include "model/route.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

struct address {
    std::string host;       // an IP address without brackets; empty = every local address
    std::uint16_t port = 0; // 0 = any free port

    bool operator==(const address&) const = default;
};

// "0.0.0.0:8080", "[::1]:8080", ":8080". The port is asked for, the host must be an IP address.
std::optional<address> parse_address(std::string_view text, fault* why = nullptr);

// "shop.svc:8080", "10.0.0.1", "[fd00::1]:80", "http://shop.svc:8080", "https://shop.svc"; the port is 80, or
// 443, where none is written.
std::optional<endpoint> parse_endpoint(std::string_view text, fault* why = nullptr);

// "http://host[:port][/]", or https: one upstream named on a command line. A path or a query is refused.
std::optional<endpoint> parse_upstream_url(std::string_view text, fault* why = nullptr);

// "host:port", IPv6 in brackets, "https://" in front where TLS is spoken: what the parsers above read back.
std::string to_text(const address& value);
std::string to_text(const endpoint& value);

} // namespace adit::model
