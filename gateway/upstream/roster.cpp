#include "upstream/roster.hpp"

#include "upstream/pool.hpp"

#include <algorithm>

namespace adit::upstream {

roster::key roster::key_of(const model::route& route, const model::track& track) {
    if (track.upstream.empty()) return {route.name, track.name, {}};
    return {route.label(), track.name, track.ingress + '\n' + track.upstream};
}

roster::seat& roster::enter(const key& at, user who, bool stable) {
    auto& here = seats_[at];
    here.stable = stable;
    here.users.push_back(who);
    return here;
}

void roster::fill(seat& one, endpoint_list list, bool recorded, instant now) {
    std::map<address, std::shared_ptr<endpoint_state>> known;
    if (one.endpoints)
        for (const auto& each : *one.endpoints) known.emplace(each.address, each.state);
    // A name that is resolved for the first time does not make newcomers of its addresses.
    const bool begins = known.empty();
    for (auto& each : list) {
        if (!recorded) continue;
        const auto [at, fresh] = known.try_emplace(each.address);
        if (!at->second)
            at->second = std::make_shared<endpoint_state>(to_text(each.address), fresh && !begins ? now : 0);
        each.state = at->second;
    }
    one.endpoints = std::make_shared<const endpoint_list>(std::move(list));
}

bool roster::leave(const key& at, user who) {
    const auto here = seats_.find(at);
    if (here == seats_.end()) return false;
    auto& users = here->second.users;
    if (const auto one = std::find(users.begin(), users.end(), who); one != users.end()) users.erase(one);
    if (!users.empty()) return false;
    seats_.erase(here);
    return true;
}

const roster::seat* roster::find(const key& at) const {
    const auto here = seats_.find(at);
    return here == seats_.end() ? nullptr : &here->second;
}

roster::seat* roster::find(const key& at) {
    const auto here = seats_.find(at);
    return here == seats_.end() ? nullptr : &here->second;
}

} // namespace adit::upstream
