#include "upstream/health.hpp"

#include <algorithm>

namespace adit::upstream {

std::string_view to_text(health_change::kind what) noexcept {
    switch (what) {
    case health_change::kind::ejected: return "ejected";
    case health_change::kind::returned: return "returned";
    case health_change::kind::unhealthy: return "unhealthy";
    case health_change::kind::healthy: return "healthy";
    }
    return {};
}

health::health(
    boost::asio::io_context& context, roster& of,
    std::function<void(const std::string&, const std::string&)> changed,
    std::function<void(const health_change&)> told
)
    : context_(context),
      roster_(of),
      changed_(std::move(changed)),
      told_(std::move(told)),
      return_timer_(context) {}

void health::follow(const std::vector<model::route>& routes) {
    std::map<std::string_view, const model::health*> wishes;
    for (const auto& one : routes) wishes.emplace(one.name, &one.health);
    std::map<const endpoint_state*, record> before;
    before.swap(records_);
    std::map<names, observe::track_health> counted;
    roster_.for_each([&](roster::track& track) {
        const auto wish = wishes.find(track.route);
        if (wish == wishes.end()) return;
        const names key{track.route, track.name};
        counted[key] = counted_[key];
        for (const auto& entry : track.endpoints) {
            auto node = before.extract(entry.state.get());
            if (node.empty()) {
                if (records_.contains(entry.state.get())) continue;
                record fresh;
                fresh.state = entry.state;
                fresh.track = key;
                records_.emplace(entry.state.get(), std::move(fresh));
            } else {
                records_.insert(std::move(node));
            }
            follow_one(records_.at(entry.state.get()), entry, *wish->second);
        }
    });
    counted_ = std::move(counted);
    await_return();
}

void health::follow_one(record& one, const endpoint_entry& entry, const model::health& wish) {
    one.wish = wish;
    if (!wish.passive && one.passive.ejected()) one.passive.give_back(monotonic_now());
    // One that is not to get requests is not asked either.
    const bool asked = wish.active && entry.ready;
    if (!asked) {
        one.check.reset();
        one.active = {};
    } else if (!one.check || !one.check->asks(*wish.active, entry.tls.get())) {
        one.check = std::make_unique<probe>(
            context_, entry.address, entry.tls, *wish.active, random_,
            [this, which = one.state.get()](const std::string& problem) { checked(which, problem); }
        );
    }
    settle(one);
}

void health::failing(const endpoint_state& one, outcome what) {
    const auto at = records_.find(&one);
    if (at == records_.end() || !at->second.wish.passive) return;
    auto& here = at->second;
    here.state->forget_failures();
    auto& counted = counted_[here.track];
    switch (here.passive.accuse(*here.wish.passive, crowd_of(here.track), monotonic_now())) {
    case sentence::again: return;
    case sentence::last_of_stable:
    case sentence::share_reached: ++counted.spared; return;
    case sentence::ejected: break;
    }
    const bool connecting = what == outcome::connect_failure;
    ++(connecting ? counted.ejections_connect : counted.ejections_5xx);
    tell(health_change::kind::ejected, here, connecting ? "connect" : "5xx");
    settle(here);
    await_return();
}

void health::checked(const endpoint_state* which, const std::string& problem) {
    const auto at = records_.find(which);
    if (at == records_.end() || !at->second.wish.active) return;
    auto& here = at->second;
    auto& counted = counted_[here.track];
    ++(problem.empty() ? counted.checks_passed : counted.checks_failed);
    if (!here.active.take(problem.empty(), here.wish.active->rise, here.wish.active->fall)) return;
    const bool failing = here.active.failing();
    tell(failing ? health_change::kind::unhealthy : health_change::kind::healthy, here, problem);
    settle(here);
}

// Puts the verdict where the workers see it.
void health::settle(record& one) {
    const bool healthy = !one.passive.ejected() && !one.active.failing();
    if (one.state->healthy() == healthy) return;
    one.state->healthy(healthy);
    changed_(one.track.first, one.track.second);
}

void health::return_some() {
    const auto now = monotonic_now();
    for (auto& [state, one] : records_) {
        if (!one.passive.may_return(now)) continue;
        one.passive.give_back(now);
        one.state->forget_failures();
        tell(health_change::kind::returned, one, {});
        settle(one);
    }
    await_return();
}

void health::await_return() {
    instant first = 0;
    for (const auto& [state, one] : records_)
        if (one.passive.ejected() && (first == 0 || one.passive.until() < first)) first = one.passive.until();
    if (first == 0) {
        return_timer_.cancel();
        return;
    }
    return_timer_.expires_after(std::chrono::nanoseconds(std::max<instant>(first - monotonic_now(), 0)));
    return_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) return_some();
    });
}

crowd health::crowd_of(const names& track) const {
    crowd out;
    const auto* here = roster_.find(track.first, track.second);
    if (!here) return out;
    out.stable = here->stable;
    for (const auto& entry : here->endpoints) {
        if (!entry.ready) continue;
        ++out.ready;
        if (entry.state->healthy()) ++out.healthy;
        const auto at = records_.find(entry.state.get());
        if (at != records_.end() && at->second.passive.ejected()) ++out.ejected;
    }
    return out;
}

void health::tell(health_change::kind what, const record& one, std::string cause) {
    health_change out;
    out.what = what;
    out.route = one.track.first;
    out.track = one.track.second;
    out.endpoint = one.state->text();
    out.cause = std::move(cause);
    if (what == health_change::kind::ejected) {
        out.row = one.passive.row();
        out.lasts = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::nanoseconds(one.passive.until() - monotonic_now())
        );
    }
    told_(out);
}

std::string_view
health::state_of(std::string_view route, std::string_view track, const roster::address& one) const {
    const auto* here = roster_.find(route, track);
    if (!here) return {};
    const auto entry = std::find_if(here->endpoints.begin(), here->endpoints.end(), [&](const auto& each) {
        return each.address == one;
    });
    if (entry == here->endpoints.end()) return {};
    if (!entry->ready) return entry->terminating && entry->serving ? "draining" : "unready";
    if (entry->state->healthy()) return "usable";
    const auto at = records_.find(entry->state.get());
    return at != records_.end() && at->second.passive.ejected() ? "ejected" : "unhealthy";
}

std::optional<observe::track_health> health::summary(std::string_view route, std::string_view track) const {
    const auto* here = roster_.find(route, track);
    if (!here) return std::nullopt;
    const auto at = counted_.find({std::string(route), std::string(track)});
    auto out = at == counted_.end() ? observe::track_health{} : at->second;
    for (const auto& entry : here->endpoints) {
        if (!entry.ready)
            ++(entry.terminating && entry.serving ? out.draining : out.unready);
        else
            ++(entry.state->healthy() ? out.healthy : out.unhealthy);
    }
    return out;
}

} // namespace adit::upstream
