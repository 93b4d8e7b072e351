// How many requests of a route may be retries at one time: a share of all that are under way, so that retries
// cannot multiply the load of endpoints that fail because of it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace adit::upstream {

// One for each route that retries, and each worker.
class retry_budget {
public:
    // A request is under way, and over.
    void enter() noexcept { ++active_; }
    void leave() noexcept { --active_; }

    // A place for a retry, to be given back when the request is over; false when there is none. `percent` of
    // the requests under way, and never less than `least`.
    bool take(std::uint32_t percent, std::uint32_t least) noexcept {
        const auto share = static_cast<std::uint64_t>(active_) * percent / 100;
        if (retrying_ >= std::max<std::uint64_t>(share, least)) return false;
        ++retrying_;
        return true;
    }
    void give_back() noexcept { --retrying_; }

    std::uint32_t active() const noexcept { return active_; }
    std::uint32_t retrying() const noexcept { return retrying_; }

private:
    std::uint32_t active_ = 0, retrying_ = 0;
};

} // namespace adit::upstream
