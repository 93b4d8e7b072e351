// Every reason for which Adit answers a request itself instead of passing it on, or ends an exchange early.
// The reason alone gives the status, the word in the access log and the label of adit_refusals_total.
#pragma once

#include <cstdint>
#include <string_view>

namespace adit::http {

enum class refusal : std::uint8_t {
    none,
    // The client's doing: what it sent.
    bad_request_line,
    bad_method,
    bad_target,
    fragment_in_target,
    bad_version,
    unsupported_version,
    bare_line_feed,
    bare_carriage_return,
    control_character,
    folded_field,
    bad_field_name,
    space_before_colon,
    missing_colon,
    missing_host,
    repeated_host,
    bad_host,
    bad_content_length,
    length_and_encoding,
    bad_transfer_encoding,
    encoding_in_http10,
    bad_chunk,
    chunk_overhead,
    bad_trailer,
    bad_escape,
    method_not_allowed,
    body_too_large,
    body_not_buffered,
    request_line_too_long,
    head_too_large,
    too_many_fields,
    misdirected,
    client_certificate_missing,
    client_certificate_invalid,
    plain_on_tls,
    tls_handshake_failed,
    bad_proxy_line,
    proxy_line_missing,
    proxy_line_untrusted,
    // The client's doing: what its route does not allow.
    access_denied,
    credentials_missing,
    credentials_wrong,
    authentication_busy,
    rewrite_failed,
    rate_limited,
    concurrency_limited,
    // The client's doing: what it did not send, or did not read.
    tls_handshake_timeout,
    head_timeout,
    body_timeout,
    body_too_slow,
    send_timeout,
    send_too_slow,
    client_gone,
    client_error,
    // Nobody to ask.
    no_route,
    no_endpoint,
    overloaded,
    overloaded_memory,
    overloaded_in_flight,
    overloaded_descriptors,
    endpoints_full,
    pending_timeout,
    // The upstream's doing.
    connect_failed,
    connect_timeout,
    upstream_tls,
    upstream_tls_timeout,
    upstream_closed,
    upstream_reset,
    first_byte_timeout,
    attempt_timeout,
    response_timeout,
    bad_response,
    response_cut,
    unwanted_upgrade,
    // More time than there is, whoever took it.
    exchange_timeout,
    tunnel_idle,
    // A service that the route asks besides its tracks.
    external_auth_unauthorised,
    external_auth_forbidden,
    external_auth_failed,
    // Ours.
    internal_error,
    count_
};
inline constexpr std::size_t refusal_count = static_cast<std::size_t>(refusal::count_);

struct refusal_traits {
    std::string_view word; // "bad-content-length"
    std::uint16_t status;  // 0: nothing can be said to the client any more
    bool closes;           // framing is in doubt, or the client cannot be trusted to follow
    std::string_view detail;
};

const refusal_traits& traits(refusal reason) noexcept;

// The phrase of RFC 9110 §15 and of IANA's registry; empty for a status that has none there.
std::string_view status_phrase(unsigned status) noexcept;

} // namespace adit::http
