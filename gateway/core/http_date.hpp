// Dates as HTTP writes them.
#pragma once

#include <array>
#include <chrono>

namespace adit {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), no zero at its end. `at`: since 1970, UTC.
using http_date = std::array<char, 29>;
http_date to_http_date(std::chrono::seconds at) noexcept;

} // namespace adit
