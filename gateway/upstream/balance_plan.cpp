#include "upstream/balance_plan.hpp"

namespace adit::upstream {

balance_plan make_plan(const model::balance& balance, const model::health& health) {
    balance_plan out;
    out.by = balance.by;
    out.hash_bound = balance.hash_bound;
    out.slow_start = from(balance.slow_start);
    out.prefer_zone = balance.prefer_zone;
    out.sticky = balance.sticky.has_value();
    out.persistent = out.sticky && balance.sticky->how == model::sticky::mode::persistent;
    out.max_connections = balance.max_connections;
    out.max_in_flight = balance.max_in_flight;
    out.max_pending = balance.max_pending;
    if (health.passive)
        out.failures = {health.passive->consecutive_5xx, health.passive->consecutive_connect_failures};
    return out;
}

} // namespace adit::upstream
