// Field names that Adit itself looks at; all others are `unknown` and pass unchanged.
#pragma once

#include <cstdint>
#include <string_view>

namespace adit::http {

enum class field_id : std::uint8_t {
    unknown,
    accept,
    accept_encoding,
    authorization,
    cache_control,
    connection,
    content_encoding,
    content_length,
    content_type,
    cookie,
    date,
    expect,
    forwarded,
    host,
    http2_settings,
    keep_alive,
    location,
    max_forwards,
    origin,
    proxy,
    proxy_authenticate,
    proxy_authorization,
    proxy_connection,
    referer,
    sec_websocket_accept,
    sec_websocket_key,
    server,
    server_timing,
    set_cookie,
    te,
    trailer,
    transfer_encoding,
    upgrade,
    user_agent,
    vary,
    via,
    x_canary,
    x_forwarded_for,
    x_forwarded_host,
    x_forwarded_port,
    x_forwarded_proto,
    x_forwarded_scheme,
    x_original_forwarded_for,
    x_real_ip,
    x_request_id,
    x_scheme,
    x_version_route,
    traceparent,
    tracestate
};
inline constexpr std::size_t field_id_count = static_cast<std::size_t>(field_id::tracestate) + 1;

// Without case. At most one comparison of text.
field_id parse_field_id(std::string_view name) noexcept;
// The usual spelling, "Content-Length"; empty for unknown.
std::string_view to_text(field_id id) noexcept;

} // namespace adit::http
