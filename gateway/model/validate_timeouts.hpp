// The parts of validate() that look at times.
#pragma once

#include "model/findings.hpp"
#include "model/timeouts.hpp"

namespace adit::model {

// From 1 ms to `high`.
void check_time(std::chrono::milliseconds value, std::chrono::milliseconds high, const findings& found);
void check_timeouts(const timeouts& wish, const findings& found);
void check_timeouts(const route_timeouts& wish, const findings& found);

inline constexpr std::chrono::milliseconds longest_time{24 * 3'600'000};

} // namespace adit::model
