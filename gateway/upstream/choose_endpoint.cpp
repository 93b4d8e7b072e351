// The ways to choose among a set's endpoints.
#include "upstream/endpoint_set.hpp"

#include <algorithm>

namespace adit::upstream {

namespace {

using method = model::balance::method;

bool suits(const endpoint& one, const endpoint_set::ask& by, bool avoiding) noexcept {
    if (avoiding && std::find(by.avoid.begin(), by.avoid.end(), &one) != by.avoid.end()) return false;
    return one.has_room();
}

} // namespace

endpoint* endpoint_set::pick(const ask& by) noexcept {
    if (usable_.empty()) return nullptr;
    const auto near = zone_of(by);
    // Another worker may take the place that was seen: then it is looked at once more.
    constexpr int tries = 3;
    for (int i = 0; i < tries; ++i) {
        auto* chosen = choose(near, by, true);
        if (!chosen && near.size() < usable_.size()) chosen = choose(range{usable_}, by, true);
        if (!chosen && !by.avoid.empty()) chosen = choose(range{usable_}, by, false);
        if (!chosen) return nullptr;
        if (chosen->take_place()) return chosen;
    }
    return nullptr;
}

endpoint* endpoint_set::choose(range among, const ask& by, bool avoiding) noexcept {
    switch (plan_.by) {
    case method::round_robin: return next_in_turn(among, by, avoiding);
    case method::least_requests:
    case method::peak_ewma: return better_of_two(among, by, avoiding);
    case method::hash: return by_key(by, avoiding, false);
    }
    return nullptr;
}

// Smooth weighted round robin, as nginx has it: each gains its share, who has most is chosen and pays the
// sum.
endpoint* endpoint_set::next_in_turn(range among, const ask& by, bool avoiding) noexcept {
    endpoint* best = nullptr;
    std::int64_t sum = 0;
    for (auto* one : among) {
        if (!suits(*one, by, avoiding)) continue;
        const auto share = static_cast<std::int64_t>(one->share(by.now));
        one->current += share;
        sum += share;
        if (!best || one->current > best->current) best = one;
    }
    if (best) best->current -= sum;
    return best;
}

bool endpoint_set::better(const endpoint& a, const endpoint& b, instant now) const noexcept {
    if (plan_.by == method::peak_ewma)
        return a.latency.cost(a.in_flight, a.share(now), now) <
               b.latency.cost(b.in_flight, b.share(now), now);
    return (a.in_flight + 1) * b.share(now) < (b.in_flight + 1) * a.share(now);
}

// Power of two choices (Mitzenmacher 1996). Where neither will do, the best of all that will.
endpoint* endpoint_set::better_of_two(range among, const ask& by, bool avoiding) noexcept {
    if (among.empty()) return nullptr;
    const auto size = static_cast<std::uint32_t>(among.size());
    auto* first = among[by.random.below(size)];
    auto* second = first;
    if (size > 1) {
        auto at = by.random.below(size - 1);
        second = among[at] == first ? among[size - 1] : among[at];
    }
    const bool one = suits(*first, by, avoiding), other = suits(*second, by, avoiding);
    if (one && other) return better(*second, *first, by.now) ? second : first;
    if (one || other) return one ? first : second;
    endpoint* best = nullptr;
    for (auto* each : among)
        if (suits(*each, by, avoiding) && (!best || better(*each, *best, by.now))) best = each;
    return best;
}

// `stays`: the client belongs there, so that an endpoint that is winding down will do.
endpoint* endpoint_set::by_key(const ask& by, bool avoiding, bool stays) const noexcept {
    std::uint64_t carried = 1, sum = 0; // the request that is to be placed is one
    if (plan_.hash_bound != 0 && !stays)
        for (const auto* one : usable_) {
            carried += one->in_flight;
            sum += one->entry().weight;
        }
    // Consistent hashing with bounded loads (Mirrokni et al. 2016): no more than so many percent of the fair
    // share.
    const auto within = [&](const endpoint& one) {
        return sum == 0 ||
               std::uint64_t{one.in_flight} * sum * 100 < carried * one.entry().weight * plan_.hash_bound;
    };
    const int found = ring_.find(by.key, [&](std::size_t member) {
        const auto& one = *all_[ring_members_[member]];
        return (one.usable || (stays && one.winding_down())) && suits(one, by, avoiding) && within(one);
    });
    return found < 0 ? nullptr : all_[ring_members_[static_cast<std::size_t>(found)]].get();
}

endpoint_set::sticky_pick endpoint_set::pick_sticky(const ask& by, std::string_view key, bool anew) noexcept {
    if (plan_.persistent) return pick_marked(by, key, anew);
    if (key.empty() || anew) return draw_key(by);
    auto bound = by;
    bound.key = hash_key(key);
    sticky_pick out;
    out.to = by_key(bound, true, true);
    if (!out.to && !by.avoid.empty()) out.to = by_key(bound, false, true);
    if (out.to && !out.to->take_place()) out.to = nullptr;
    return out;
}

endpoint_set::sticky_pick endpoint_set::pick_marked(const ask& by, std::string_view key, bool anew) noexcept {
    sticky_pick out;
    const auto mark = parse_sticky_value(key);
    const bool follows = mark.has_value() && !anew;
    const auto bound = std::find_if(all_.begin(), all_.end(), [&](const endpoint_ref& one) {
        return follows && one->mark() == mark.value_or(0);
    });
    if (bound != all_.end()) {
        auto& one = **bound;
        const bool avoided = std::find(by.avoid.begin(), by.avoid.end(), &one) != by.avoid.end();
        if ((one.usable || one.winding_down()) && !avoided) {
            out.to = one.has_room() && one.take_place() ? &one : nullptr; // it is waited for
            return out;
        }
    }
    out.to = pick(by);
    if (!out.to) return out;
    out.issue = bound == all_.end(); // what it was bound to is gone, not only away for a while
    out.value = to_sticky_value(out.to->mark());
    return out;
}

// A key whose endpoint, by the ring alone, is one that takes newcomers: the next request will find the same.
endpoint_set::sticky_pick endpoint_set::draw_key(const ask& by) noexcept {
    constexpr int tries =
        64; // of which each fails by the share of those that are winding down, avoided or full
    sticky_pick out;
    out.issue = true;
    auto drawn = by;
    for (int i = 0; i < tries; ++i) {
        out.value = to_sticky_value(by.random.next());
        drawn.key = hash_key({out.value.data(), out.value.size()});
        const int home = ring_.find(drawn.key, [](std::size_t) { return true; });
        if (home < 0) return {};
        auto& one = *all_[ring_members_[static_cast<std::size_t>(home)]];
        if (!one.usable || !suits(one, by, true)) continue;
        if (one.take_place()) return out.to = &one, out;
    }
    out.to = by_key(drawn, !by.avoid.empty(), false);
    if (!out.to) out.to = by_key(drawn, false, false);
    if (out.to && !out.to->take_place()) out.to = nullptr;
    return out;
}

void endpoint_set::build_ring() {
    ring_members_.clear();
    std::vector<ring::member> members;
    if (plan_.needs_ring())
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (!all_[i]->entry().ready && !all_[i]->winding_down()) continue;
            members.push_back({all_[i]->text(), all_[i]->entry().weight});
            ring_members_.push_back(static_cast<std::uint32_t>(i));
        }
    ring_.build(members);
}

} // namespace adit::upstream
