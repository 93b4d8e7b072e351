#include "model/validate_retry.hpp"

#include "model/validate_timeouts.hpp"

namespace adit::model {

namespace {

constexpr std::uint32_t largest_floor = 1000; // retries at one time, of one worker

void check_number(std::uint32_t value, std::uint32_t low, std::uint32_t high, const findings& found) {
    if (value < low || value > high)
        found.error(
            std::to_string(value) + " is out of range",
            "from " + std::to_string(low) + " to " + std::to_string(high)
        );
}

} // namespace

void check_retry(const retry& wish, const findings& found) {
    check_number(wish.attempts, 1, retry::max_attempts, found.under("attempts"));
    if (!wish.on_connect && !wish.on_reset && !wish.on_timeout && !wish.on_bad_response &&
        wish.statuses.none())
        found.under("on").warn("nothing is retried", "e.g. on: [connect, reset], or attempts: 1 to say so");
    for (const auto& [name, value] :
         {std::pair{"per_try_timeout", wish.per_try_timeout}, std::pair{"within", wish.within}})
        if (value.count() != 0) check_time(value, longest_time, found.under(name));
    const auto budget = found.under("budget");
    check_number(wish.budget_percent, 0, 100, budget.under("percent"));
    check_number(wish.budget_min, 0, largest_floor, budget.under("min"));
}

} // namespace adit::model
