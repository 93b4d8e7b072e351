#include "upstream/health.hpp"

#include <algorithm>
#include <utility>
#include <vector>

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
    boost::asio::io_context& context, roster& of, std::function<void(const roster::key&)> changed,
    std::function<void(const health_change&)> told
)
    : context_(context),
      roster_(of),
      changed_(std::move(changed)),
      told_(std::move(told)),
      return_timer_(context) {}

void health::follow(const roster::key& at, const model::health& wish) {
    const auto* seat = roster_.find(at);
    const bool wanted = seat && records(wish);
    if (!wanted && !wards_.contains(at)) return;
    auto& in = *wards_.try_emplace(at).first;
    auto before = std::exchange(in.second.records, {});
    if (wanted) {
        in.second.wish = wish;
        for (const auto& entry : *seat->endpoints) {
            if (in.second.records.contains(entry.state.get())) continue; // one address written twice
            auto node = before.extract(entry.state.get());
            auto& one = node.empty() ? in.second.records[entry.state.get()]
                                     : in.second.records.insert(std::move(node)).position->second;
            one.state = entry.state;
            homes_[entry.state.get()] = &in;
            follow_one(in, one, entry);
        }
    }
    for (auto& [state, gone] : before) {
        homes_.erase(state);
        ejected_.erase(state);
        gone.state->healthy(true); // whoever still has it asks nobody any more
    }
    if (!wanted) wards_.erase(at);
    await_return();
}

void health::follow_one(wards::value_type& in, record& one, const endpoint_entry& entry) {
    const auto& wish = in.second.wish;
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
    settle(in.first, one);
}

health::found health::find(const endpoint_state* one) {
    const auto home = homes_.find(one);
    if (home == homes_.end()) return {};
    return {home->second, &home->second->second.records.at(one)};
}

void health::failing(const endpoint_state& one, outcome what) {
    const auto [in, here] = find(&one);
    if (!in || !in->second.wish.passive) return;
    here->state->forget_failures();
    auto& counted = in->second.counted;
    switch (here->passive.accuse(*in->second.wish.passive, crowd_of(*in), monotonic_now())) {
    case sentence::again: return;
    case sentence::last_of_stable:
    case sentence::share_reached: ++counted.spared; return;
    case sentence::ejected: break;
    }
    const bool connecting = what == outcome::connect_failure;
    ++(connecting ? counted.ejections_connect : counted.ejections_5xx);
    tell(health_change::kind::ejected, in->first, *here, connecting ? "connect" : "5xx");
    settle(in->first, *here);
    await_return();
}

void health::checked(const endpoint_state* which, const std::string& problem) {
    const auto [in, here] = find(which);
    if (!in || !in->second.wish.active) return;
    auto& counted = in->second.counted;
    ++(problem.empty() ? counted.checks_passed : counted.checks_failed);
    const auto& wish = *in->second.wish.active;
    if (!here->active.take(problem.empty(), wish.rise, wish.fall)) return;
    const bool failing = here->active.failing();
    tell(failing ? health_change::kind::unhealthy : health_change::kind::healthy, in->first, *here, problem);
    settle(in->first, *here);
}

// Puts the verdict where the workers see it.
void health::settle(const roster::key& at, record& one) {
    const bool ejected = one.passive.ejected();
    if (ejected)
        ejected_.insert(one.state.get());
    else
        ejected_.erase(one.state.get());
    const bool healthy = !ejected && !one.active.failing();
    if (one.state->healthy() == healthy) return;
    one.state->healthy(healthy);
    changed_(at);
}

void health::return_some() {
    const auto now = monotonic_now();
    for (const auto* state : std::vector<const endpoint_state*>(ejected_.begin(), ejected_.end())) {
        const auto [in, one] = find(state);
        if (!in || !one->passive.may_return(now)) continue;
        one->passive.give_back(now);
        one->state->forget_failures();
        tell(health_change::kind::returned, in->first, *one, {});
        settle(in->first, *one);
    }
    await_return();
}

void health::await_return() {
    instant first = 0;
    for (const auto* state : ejected_)
        if (const auto [in, one] = find(state); in && (first == 0 || one->passive.until() < first))
            first = one->passive.until();
    if (first == 0) {
        return_timer_.cancel();
        return;
    }
    return_timer_.expires_after(std::chrono::nanoseconds(std::max<instant>(first - monotonic_now(), 0)));
    return_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) return_some();
    });
}

crowd health::crowd_of(const wards::value_type& in) const {
    crowd out;
    const auto* seat = roster_.find(in.first);
    if (!seat) return out;
    out.stable = seat->stable;
    for (const auto& entry : *seat->endpoints) {
        if (!entry.ready) continue;
        ++out.ready;
        if (entry.state->healthy()) ++out.healthy;
        const auto at = in.second.records.find(entry.state.get());
        if (at != in.second.records.end() && at->second.passive.ejected()) ++out.ejected;
    }
    return out;
}

void health::tell(health_change::kind what, const roster::key& at, const record& one, std::string cause) {
    health_change out;
    out.what = what;
    out.route = at.route;
    out.track = at.track;
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

std::string_view health::state_of(const roster::key& at, const roster::address& one) const {
    const auto* seat = roster_.find(at);
    if (!seat) return {};
    const auto entry = std::find_if(seat->endpoints->begin(), seat->endpoints->end(), [&](const auto& each) {
        return each.address == one;
    });
    if (entry == seat->endpoints->end()) return {};
    if (!entry->ready) return entry->terminating && entry->serving ? "draining" : "unready";
    if (!entry->state || entry->state->healthy()) return "usable";
    return ejected_.contains(entry->state.get()) ? "ejected" : "unhealthy";
}

std::optional<observe::track_health> health::summary(const roster::key& at) const {
    const auto* seat = roster_.find(at);
    if (!seat) return std::nullopt;
    const auto known = wards_.find(at);
    auto out = known == wards_.end() ? observe::track_health{} : known->second.counted;
    for (const auto& entry : *seat->endpoints) {
        if (!entry.ready)
            ++(entry.terminating && entry.serving ? out.draining : out.unready);
        else
            ++(!entry.state || entry.state->healthy() ? out.healthy : out.unhealthy);
    }
    return out;
}

} // namespace adit::upstream
