// What choosing an endpoint needs to know of a route's wishes, without their texts.
#pragma once

#include "core/clock.hpp"
#include "model/balance.hpp"
#include "model/health.hpp"
#include "upstream/endpoint_state.hpp"

#include <cstdint>

namespace adit::upstream {

struct balance_plan {
    model::balance::method by = model::balance::method::round_robin;
    std::uint32_t hash_bound = 0; // percent; 0 = none
    instant slow_start = 0;       // ns
    bool prefer_zone = false;
    bool sticky = false;                                  // a cookie keeps clients where they are
    bool persistent = false;                              // and is a mark of the endpoint, not a key
    std::uint32_t max_connections = 0, max_in_flight = 0; // of each endpoint; 0 = unbounded
    std::uint32_t max_pending = 0;
    failure_limits failures;

    bool needs_ring() const noexcept { return by == model::balance::method::hash || (sticky && !persistent); }
    bool limited() const noexcept { return (max_connections | max_in_flight) != 0; }
    // What an attempt took, and how it ended, is of interest.
    bool watched() const noexcept { return failures.any() || by == model::balance::method::peak_ewma; }
    bool operator==(const balance_plan&) const = default;
};

balance_plan make_plan(const model::balance& balance, const model::health& health);

} // namespace adit::upstream
