// The admin API's view of canary Ingresses: the tracks that one of them gives to routes of others, as one.
#include "admin/views.hpp"
#include "cli/control_port.hpp"

#include <algorithm>

namespace adit::cli {

namespace {

std::optional<double> find_percent(const canary::weight_map& weights, const std::string& track) {
    const auto at = weights.find(track);
    return at == weights.end() ? std::nullopt : std::optional(model::to_percent(at->second));
}

bool changes(const canary::outcome& outcome, const std::string& route) {
    return std::any_of(outcome.changes.begin(), outcome.changes.end(), [&](const auto& one) {
        return one.route == route;
    });
}

admin::problem bad_weight(const std::string& ingress, double percent, model::weight_error why) {
    auto out = why == model::weight_error::negative   ? admin::negative_weight(ingress, percent)
               : why == model::weight_error::too_fine ? admin::weight_too_fine(ingress, percent)
                                                      : admin::weights_over_100(ingress, percent);
    out.key = "weight";
    return out;
}

} // namespace

std::vector<canary::route_track> control_port::tracks_of(std::string_view ingress) const {
    std::vector<canary::route_track> out;
    daemon_.site().for_each_route([&](const model::route& route) {
        for (std::size_t i = 1; i < route.tracks.size(); ++i)
            if (route.tracks[i].ingress == ingress) out.push_back({route.name, route.tracks[i].name});
    });
    return out;
}

admin::problem control_port::no_canary(std::string_view ingress) const {
    std::vector<std::string> canaries, own;
    const auto add = [](std::vector<std::string>& to, const std::string& name) {
        if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
    };
    bool ordinary = false;
    daemon_.site().for_each_route([&](const model::route& route) {
        ordinary = ordinary || route.counted_as == ingress;
        for (const auto& track : route.tracks) {
            if (track.ingress.empty()) continue;
            add(canaries, track.ingress);
            if (route.counted_as == ingress) add(own, track.ingress);
        }
    });
    return ordinary ? admin::not_a_canary(ingress, own) : admin::unknown_ingress(ingress, canaries);
}

admin::ingress_view
control_port::view_of(std::string_view ingress, const std::vector<canary::route_track>& tracks) {
    admin::ingress_view out;
    out.name = ingress;
    out.durable = daemon_.durable();
    for (const auto& [name, track] : tracks) {
        const auto wish = daemon_.site().route(name);
        const auto weights = authority().effective(name);
        if (!wish || !weights) continue;
        const auto cuts = *authority().cuts_of(name);
        auto& made = out.tracks.emplace_back();
        made.route = name;
        made.name = track;
        made.declared = find_percent(weights->declared, track);
        if (weights->override_) made.overridden = find_percent(weights->override_->weights, track);
        for (std::size_t i = 1; i < wish->tracks.size() && !cuts.killed; ++i)
            if (wish->tracks[i].name == track) made.effective = 100.0 * cuts.weight_of(i) / cuts.total;
        made.weights_from = weights->killed ? "kill" : std::string(canary::to_text(weights->from));
        made.generation = weights->generation;
        out.generation = std::max(out.generation, weights->generation);
    }
    return out;
}

admin::answer<admin::ingress_view> control_port::ingress(std::string_view name) {
    const auto tracks = tracks_of(name);
    if (tracks.empty()) return no_canary(name);
    return view_of(name, tracks);
}

void control_port::set_ingress_weight(
    admin::ingress_weight_request wish, admin::reply<admin::ingress_change> done
) {
    const auto tracks = tracks_of(wish.ingress);
    if (tracks.empty()) return done(no_canary(wish.ingress));
    auto before = view_of(wish.ingress, tracks);
    if (wish.if_match &&
        std::find(wish.if_match->begin(), wish.if_match->end(), before.generation) == wish.if_match->end())
        return done(admin::stale_ingress(wish.ingress, before.generation));
    std::optional<model::weight> weight;
    if (wish.weight) {
        auto why = model::weight_error::not_a_number;
        weight = model::to_weight(*wish.weight, &why);
        if (!weight) return done(bad_weight(wish.ingress, *wish.weight, why));
    }
    std::vector<admin::route_view> routes;
    for (const auto& one : tracks)
        if (auto was = route(one.route)) routes.push_back(std::move(*was));
    const auto outcome =
        weight ? authority().set_overrides(tracks, *weight, {wish.by.name, std::chrono::system_clock::now()})
               : authority().clear_overrides(tracks);
    if (!outcome) {
        canary::weight_map wanted;
        for (const auto& one : tracks)
            if (one.route == outcome.route)
                wanted[one.track] = weight ? *weight : authority().effective(one.route)->declared[one.track];
        return done(to_problem(outcome, outcome.route, wanted));
    }
    std::erase_if(routes, [&](const auto& one) { return !changes(outcome, one.name); });
    put_in_force(outcome, std::move(before), std::move(routes), std::move(wish.by.name), std::move(done));
}

void control_port::put_in_force(
    const canary::outcome& outcome, admin::ingress_view before, std::vector<admin::route_view> routes,
    std::string by, admin::reply<admin::ingress_change> done
) {
    const bool kept = daemon_.save_authority();
    daemon_.site().apply(
        outcome.changes,
        [this, alive = alive_, kept, before = std::move(before), routes = std::move(routes),
         by = std::move(by), done = std::move(done)]() mutable {
            if (!*alive) return done(admin::shutting_down());
            const auto tracks = tracks_of(before.name);
            if (tracks.empty()) return done(no_canary(before.name)); // gone meanwhile
            auto after = view_of(before.name, tracks);
            if (!kept) {
                after.durable = false;
                after.warnings.push_back("in force, but not stored: a restart forgets it (see the log)");
            }
            for (auto& was : routes)
                if (auto now = route(was.name))
                    tell(admin::weights_event({std::move(was), std::move(*now)}, by));
            done(admin::ingress_change{std::move(before), std::move(after)});
        }
    );
}

} // namespace adit::cli
