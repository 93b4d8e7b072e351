// Passive health of one endpoint: whether it is ejected, for how long, and when it may not be. No clock, no
// sockets.
#pragma once

#include "core/clock.hpp"
#include "model/health.hpp"

#include <cstdint>

namespace adit::upstream {

// The track that an endpoint belongs to, the endpoint itself included.
struct crowd {
    std::uint32_t ready = 0;
    std::uint32_t healthy = 0; // of the ready ones
    std::uint32_t ejected = 0; // of the ready ones
    bool stable = false;
};

enum class sentence : std::uint8_t {
    ejected,
    again,          // it is ejected already: failures of requests that were under way
    last_of_stable, // nobody would be left to answer for the track that everybody falls back to
    share_reached,  // as many are ejected as may be
};

class outlier {
public:
    bool ejected() const noexcept { return ejected_; }
    std::uint32_t row() const noexcept { return row_; } // which ejection in a row this is, or was
    instant until() const noexcept { return until_; }   // when it ends, while ejected

    // Its failures have reached a limit.
    sentence accuse(const model::passive_health& wish, const crowd& among, instant now) noexcept;
    // True when an ejection has ended by now.
    bool may_return(instant now) const noexcept { return ejected_ && now >= until_; }
    void give_back(instant now) noexcept;

private:
    bool ejected_ = false;
    std::uint32_t row_ = 0;
    instant until_ = 0;
    instant returned_ = 0;
};

// Active health of one endpoint, from single answers.
class rise_fall {
public:
    bool failing() const noexcept { return failing_; }
    // True when the verdict has changed.
    bool take(bool good, std::uint32_t rise, std::uint32_t fall) noexcept;

private:
    bool failing_ = false;
    std::uint32_t against_ = 0; // answers in a row that speak against the verdict
};

} // namespace adit::upstream
