// Time as the request path sees it: nanoseconds of the monotonic clock, read at the edges and passed in as a
// value.
#pragma once

#include <chrono>
#include <cstdint>

namespace adit {

// Nanoseconds since some fixed point in the past. A plain integer, so that decisions can be tested with any
// clock.
using instant = std::int64_t;

inline instant monotonic_now() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch()
    )
        .count();
}

constexpr instant from(std::chrono::nanoseconds duration) noexcept {
    return duration.count();
}

} // namespace adit
