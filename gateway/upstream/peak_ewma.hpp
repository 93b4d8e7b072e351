// How long an endpoint takes to answer, as a moving average that believes bad news at once and good news
// slowly (peak-sensitive EWMA, as Finagle has it).
#pragma once

#include "core/clock.hpp"

#include <cmath>
#include <cstdint>

namespace adit::upstream {

class peak_ewma {
public:
    static constexpr instant decay = 10'000'000'000; // ns in which a sample loses all but 1/e of its weight
    static constexpr instant failure_cost = 1'000'000'000; // ns: what a failed attempt counts as, at least

    void add(instant took, instant now) noexcept {
        const auto kept = weight(now);
        const auto sample = static_cast<double>(took);
        value_ = sample > value_ * kept ? sample : value_ * kept + sample * (1 - kept);
        stamp_ = now;
        known_ = true;
    }
    bool known() const noexcept { return known_; }
    // ns; what was measured long ago counts less and less.
    double at(instant now) const noexcept { return value_ * weight(now); }

    // What one more request would cost here. An endpoint without a sample gets one request at a time until it
    // has answered.
    double cost(std::uint32_t in_flight, std::uint64_t share, instant now) const noexcept {
        if (!known_ && in_flight > 0) return unknown_cost * in_flight;
        return at(now) * (in_flight + 1.0) / static_cast<double>(share);
    }

private:
    static constexpr double unknown_cost = 1e15;

    double weight(instant now) const noexcept {
        return now > stamp_ ? std::exp(-static_cast<double>(now - stamp_) / static_cast<double>(decay)) : 1.0;
    }

    double value_ = 0;
    instant stamp_ = 0;
    bool known_ = false;
};

} // namespace adit::upstream
