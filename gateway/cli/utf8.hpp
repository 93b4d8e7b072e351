// Bytes from a request or a file as text that JSON can carry.
#pragma once

#include <string>
#include <string_view>

namespace adit::cli {

// Every byte that belongs to no well-formed sequence (Unicode §3.9, table 3-7) becomes U+FFFD.
std::string clean_utf8(std::string_view bytes);

} // namespace adit::cli
