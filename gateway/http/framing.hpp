// Where a message ends: decided once, strictly, for requests (RFC 9112 §6.1–6.3) and responses.
#pragma once

#include "http/head.hpp"
#include "http/refusal.hpp"

#include <cstdint>

namespace adit::http {

enum class body_kind : std::uint8_t { none, length, chunked, until_close };

struct framing {
    body_kind kind = body_kind::none;
    std::uint64_t length = 0; // for `length`, above 0 or as declared
    refusal reason = refusal::none;
};

// Request: Content-Length beside Transfer-Encoding, anything but exactly one `chunked`, and Transfer-Encoding
// in HTTP/1.0 are refused. Content-Length may repeat one equal value ("5, 5"), which counts once.
framing request_framing(const request_head& head) noexcept;

// Response to a request of method `verb`; as strict, with `bad_response` as the only reason. 1xx, 204, 304
// and answers to HEAD have no body whatever their fields say; for these `length` holds a valid Content-Length
// if `has_length`.
struct response_frame : framing {
    bool has_length = false;
};
response_frame response_framing(const response_head& head, method verb) noexcept;

// uri-host [ ":" port ] (RFC 3986 §3.2.2 without userinfo); empty is not valid.
bool valid_authority(std::string_view authority) noexcept;

// What is asked of a request beyond its grammar: a valid host, and a method that is served.
refusal check_request(const request_head& head) noexcept;

} // namespace adit::http
