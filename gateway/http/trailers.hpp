// What may stand in the trailer section of a chunked body.
#pragma once

#include "http/head.hpp"
#include "http/writer.hpp"

namespace adit::http {

// Fields that a trailer section must not carry (RFC 9110 §6.5.1): framing, routing, conditions,
// authentication, hop-by-hop, and those that Adit sets itself. A name with '_' is none that is carried.
bool forbidden_in_trailer(std::string_view name) noexcept;

// "Trailer: A, B CRLF" with those names of the head's Trailer fields that may come; nothing if there are
// none.
void announce_trailers(writer& out, const head& head) noexcept;

} // namespace adit::http
