// The wall's time of instants that workers took, who never ask for it.
#pragma once

#include "core/clock.hpp"

#include <chrono>

namespace adit::observe {

// One moment on both clocks; of instants nearby it tells the time.
struct record_clock {
    using time_point = std::chrono::system_clock::time_point;

    instant monotonic = 0;
    time_point wall{};

    static record_clock now() noexcept { return {monotonic_now(), std::chrono::system_clock::now()}; }
    time_point of(instant when) const noexcept {
        return wall +
               std::chrono::duration_cast<time_point::duration>(std::chrono::nanoseconds(when - monotonic));
    }
};

} // namespace adit::observe
