// The line, or binary header, by which a balancer in front says whom it speaks for: the PROXY protocol
// (proxy-protocol.txt of HAProxy), versions 1 and 2. Knows no sockets.
#pragma once

#include "core/ip.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace adit::net {

inline constexpr std::size_t max_proxy_line = 107; // bytes of version 1, with its end (§2.1)
inline constexpr std::size_t max_proxy_header =
    4096; // bytes of version 2; addresses take 216, the rest are TLVs

struct proxy_line {
    enum class verdict : std::uint8_t {
        absent,    // the bytes begin something else
        more,      // so far it could be one
        malformed, // it began as one
        done
    };

    verdict found = verdict::more;
    std::size_t size = 0; // done: bytes of it, the last of which (TLVs, not looked at) may be yet to come
    // The client; absent where the balancer speaks for itself (LOCAL) or does not know (UNKNOWN).
    std::optional<ip_address> client;
    std::uint16_t client_port = 0;
};

// `bytes` from the first of the connection on.
proxy_line read_proxy_line(std::string_view bytes) noexcept;

} // namespace adit::net
