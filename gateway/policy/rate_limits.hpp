// The rate and concurrency limits of a route.
#pragma once

#include "core/ip.hpp"
#include "http/values.hpp"
#include "model/policies.hpp"
#include "policy/address_set.hpp"
#include "policy/place_table.hpp"
#include "policy/rate_table.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace adit::policy {

// What all limits of a process count in; outlives configurations, so that a reload forgives nobody.
struct meters {
    meters();

    rate_table rates;
    place_table places;
    std::uint64_t secret; // mixed into every key
};

// Immutable but for what it counts; shared by all workers.
class rate_limits {
public:
    // `count_in` may be null where nothing will be asked (`adit check`). Rules of one route that stay the
    // same, in number and order, go on counting over a reload.
    rate_limits(
        const std::vector<model::rate_limit>& wish, std::string_view route, std::shared_ptr<meters> count_in
    );

    struct verdict {
        enum class kind : std::uint8_t { pass, too_fast, too_many };

        kind what = kind::pass;
        instant wait = 0; // until it is worth to come again, as far as that is known
    };
    // Passes only what all rules let pass; what one refuses counts in none. Places taken are added to `held`.
    verdict admit(const http::request_head& head, const ip_address& from, instant now, held_places& held)
        const noexcept;

private:
    struct rule {
        model::rate_limit::key by;
        http::field_key header;
        std::uint64_t seed;
        instant interval;     // 0: no rate
        instant tolerance;    // burst × interval
        std::uint32_t places; // 0: no bound
        address_set except;
    };

    // 0: the rule does not concern this request.
    static std::uint64_t
    key_of(const rule& one, const http::request_head& head, const ip_address& from) noexcept;

    std::vector<rule> rules_;
    std::shared_ptr<meters> meters_;
};

} // namespace adit::policy
