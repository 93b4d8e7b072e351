// Moments as text (RFC 3339, UTC), exact to the nanosecond.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace adit::cli {

// "2026-03-01T12:00:00Z", with as many decimals of a second as are needed.
std::string format_time(std::chrono::system_clock::time_point at);
// What format_time() writes, and any offset from UTC ("+02:00"). nullopt: no time, a leap second, or out of
// the clock's range of the years 1678 to 2261.
std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text);

} // namespace adit::cli
