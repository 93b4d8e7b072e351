// What the control thread knows of a track's endpoints, for the exposition and for whoever judges the track.
#pragma once

#include <cstdint>

namespace adit::observe {

struct track_health {
    // Endpoints now.
    std::uint32_t healthy = 0;   // ready, and fit for requests
    std::uint32_t unhealthy = 0; // ready, but ejected or failing their checks
    std::uint32_t draining = 0;  // still serving while they terminate
    std::uint32_t unready = 0;
    // Since the track is known. Ejecting an endpoint hides nothing of what it did: it is counted here.
    std::uint64_t ejections_5xx = 0;
    std::uint64_t ejections_connect = 0;
    std::uint64_t spared = 0; // ejections that were due but would have left too few
    std::uint64_t checks_passed = 0;
    std::uint64_t checks_failed = 0;

    // 0: closed, every ready endpoint gets requests; 1: some do not; 2: open, none does.
    int circuit() const noexcept { return healthy == 0 ? 2 : unhealthy > 0 ? 1 : 0; }
};

} // namespace adit::observe
