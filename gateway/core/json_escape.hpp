// Text of unknown origin inside a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace adit {

// Length of the UTF-8 sequence that `text`, which is not empty, begins with; 0 where it is not well formed
// (RFC 3629 §4).
std::size_t utf8_length(std::string_view text) noexcept;

// Without the quotes. Control characters are escaped, and every byte that belongs to no well-formed UTF-8
// becomes U+FFFD: what comes out is one line and can be parsed, whatever a client sent.
void append_json_escaped(std::string& out, std::string_view text);

} // namespace adit
