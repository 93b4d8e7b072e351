// Where the tracks of a site lead: endpoints, their names, and what is known of them.
#include "cli/site.hpp"

#include "core/log.hpp"
#include "upstream/balance_plan.hpp"

#include <algorithm>
#include <set>

namespace adit::cli {

namespace {

using upstream::roster;

// What workers share of each endpoint: its health, its places, and when it came.
bool is_recorded(const model::route& route, const model::track& track) {
    const auto& balance = route.balance_of(track);
    return upstream::health::records(route.health) || balance.limited() ||
           balance.slow_start > std::chrono::milliseconds::zero();
}

bool uses(const std::vector<model::endpoint>& all, const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.host == name; });
}

} // namespace

std::vector<net::tcp::endpoint> site::addresses(const model::endpoint& one) const {
    if (const auto literal = parse_ip(one.host)) {
        boost::system::error_code ignored;
        return {{boost::asio::ip::make_address(one.host, ignored), one.port}};
    }
    std::vector<net::tcp::endpoint> out;
    for (const auto& address : resolver_.find(one.host)) out.emplace_back(address, one.port);
    return out;
}

proxy::endpoint_list
site::list_of(const std::vector<model::endpoint>& wished, const target_finder& target_of) const {
    proxy::endpoint_list list;
    std::map<std::string, std::uint16_t> zones;
    for (const auto& one : wished) {
        const auto zone = one.zone.empty() ? 0U : zones.emplace(one.zone, zones.size() + 1).first->second;
        for (const auto& address : addresses(one))
            list.push_back(
                {.address = address,
                 .weight = one.weight,
                 .zone = static_cast<std::uint16_t>(zone),
                 .local = !one.zone.empty() && one.zone == frame_->zone,
                 .ready = one.ready,
                 .serving = one.serving,
                 .terminating = one.terminating,
                 .tls = target_of(one),
                 .state = nullptr}
            );
    }
    return list;
}

// Gives a seat what its track wishes for now.
void site::fill(const roster::key& at, const model::route& route, const model::track& track) {
    auto& seat = *roster_.find(at);
    roster_.fill(
        seat, list_of(track.endpoints, [&](const auto& one) { return targets_.find(route, track, one); }),
        is_recorded(route, track), monotonic_now()
    );
    const bool limited = route.balance_of(track).limited();
    if (limited && !seat.gate) seat.gate = std::make_shared<upstream::track_gate>();
    if (!limited) seat.gate.reset();
    health_.follow(at, route.health);
}

void site::tell(proxy::update& change, const roster::seat& seat) {
    for (const auto& one : seat.users)
        change.endpoints.push_back({one.slot, one.track, seat.endpoints, seat.gate});
}

void site::enter_seats(const held_group& added, proxy::update& change) {
    std::set<roster::key> filled;
    for (std::size_t i = 0; i < added.slots.size(); ++i) {
        const auto& route = (*added.routes)[i];
        for (std::size_t track = 0; track < route.tracks.size(); ++track) {
            const auto key = roster::key_of(route, route.tracks[track]);
            const roster::user who{added.slots[i], static_cast<std::uint8_t>(track)};
            const auto& seat = roster_.enter(key, who, track == 0);
            if (filled.insert(key).second) fill(key, route, route.tracks[track]);
            change.endpoints.push_back({who.slot, who.track, seat.endpoints, seat.gate});
        }
    }
}

void site::leave_seats(const held_group& removed) {
    for (std::size_t i = 0; i < removed.slots.size(); ++i) {
        const auto& route = (*removed.routes)[i];
        for (std::size_t track = 0; track < route.tracks.size(); ++track) {
            const auto key = roster::key_of(route, route.tracks[track]);
            if (roster_.leave(key, {removed.slots[i], static_cast<std::uint8_t>(track)}))
                health_.follow(key, {});
        }
    }
}

// Connections to come are made with what was read now, and so are checks.
void site::add_secure_tracks(proxy::update& change) {
    for_each_route([&](const model::route& route) {
        for (const auto& track : route.tracks) {
            const auto& endpoints = track.endpoints;
            if (std::none_of(endpoints.begin(), endpoints.end(), [&](const auto& one) {
                    return targets_.find(route, track, one) != nullptr;
                }))
                continue;
            const auto key = roster::key_of(route, track);
            fill(key, route, track);
            tell(change, *roster_.find(key));
        }
    });
}

// Addresses of the services that a route asks. One that asks nobody does not look at what stands there.
void site::add_services(proxy::update& to, const model::route& route, std::uint32_t slot) const {
    for (std::size_t i = 0; i < proxy::service_kinds; ++i) {
        const auto which = static_cast<proxy::service_kind>(i);
        const auto& wished = proxy::wished_service(*frame_, route, which);
        if (wished.empty()) continue;
        to.services.push_back(
            {slot, which,
             std::make_shared<const proxy::endpoint_list>(
                 list_of(wished, [](const auto&) { return nullptr; }) // validate() lets none speak TLS
             )}
        );
    }
}

// `by`: 1 for routes that come, -1 for those that go.
void site::count_names(const model::route_group& of, int by) {
    const auto count = [&](const std::vector<model::endpoint>& wished) {
        for (const auto& one : wished) {
            if (parse_ip(one.host)) continue;
            auto& users = names_[one.host];
            users = by > 0 ? users + 1 : users - 1;
            if (users == static_cast<std::size_t>(by > 0)) names_changed_ = true;
            if (users == 0) names_.erase(one.host);
        }
    };
    for (const auto& route : of) {
        for (std::size_t i = 0; i < proxy::service_kinds; ++i)
            count(proxy::wished_service(*frame_, route, static_cast<proxy::service_kind>(i)));
        for (const auto& track : route.tracks) count(track.endpoints);
    }
}

void site::watch_names() {
    if (!std::exchange(names_changed_, false)) return;
    std::set<std::string> names;
    for (const auto& [name, users] : names_) names.insert(name);
    resolver_.watch(names);
}

void site::name_changed(const std::string& name) {
    proxy::update change;
    std::set<roster::key> filled;
    for_each_route([&](const model::route& route) {
        for (const auto& track : route.tracks) {
            if (!uses(track.endpoints, name)) continue;
            const auto key = roster::key_of(route, track);
            if (!filled.insert(key).second) continue;
            fill(key, route, track);
            tell(change, *roster_.find(key));
        }
        for (std::size_t i = 0; i < proxy::service_kinds; ++i)
            if (uses(proxy::wished_service(*frame_, route, static_cast<proxy::service_kind>(i)), name)) {
                add_services(change, route, slots_.find(route.name)->second);
                break;
            }
    });
    log_info("addresses changed", {{"name", name}, {"count", resolver_.find(name).size()}});
    fleet_.apply(std::move(change));
}

void site::health_changed(const roster::key& at) {
    const auto* seat = roster_.find(at);
    if (!seat) return;
    proxy::update change;
    for (const auto& one : seat->users) change.health.push_back({one.slot, one.track});
    fleet_.apply(std::move(change));
}

} // namespace adit::cli
