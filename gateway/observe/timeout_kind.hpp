// Which time ran out: the label of adit_timeouts_total, named as the setting is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace adit::observe {

enum class timeout_kind : std::uint8_t {
    tls_handshake, // of clients and of upstreams
    head,
    body,
    body_rate, // timeouts.min_rate, of a request body
    idle,
    pending, // balance.pending_timeout
    connect,
    first_byte,
    attempt, // retry.per_try_timeout
    response,
    send,
    send_rate, // timeouts.min_rate, of a client that reads
    exchange,
    tunnel_idle,
    upstream_idle,
    drain,
    count_
};
inline constexpr std::size_t timeout_kinds = static_cast<std::size_t>(timeout_kind::count_);

inline constexpr std::array<std::string_view, timeout_kinds> timeout_names{
    "tls_handshake", "head",        "body",          "body_rate", "idle", "pending",
    "connect",       "first_byte",  "attempt",       "response",  "send", "send_rate",
    "exchange",      "tunnel_idle", "upstream_idle", "drain"};

} // namespace adit::observe
