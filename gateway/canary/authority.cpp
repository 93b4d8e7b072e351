#include "canary/authority.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace adit::canary {

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    return out.append(text).append("\"");
}

template <class List>
std::string joined(const List& list) {
    std::string out;
    for (const auto& one : list) out.append(out.empty() ? "" : ", ").append(one);
    return out;
}

outcome refuse(refusal why, std::string message) {
    outcome out;
    out.refused = why;
    out.message = std::move(message);
    return out;
}

bool same_but_generation(const cuts& a, const cuts& b) {
    return a.upto == b.upto && a.total == b.total && a.tracks == b.tracks && a.killed == b.killed;
}

outcome check_sum(const weight_map& weights) {
    std::uint64_t sum = 0;
    for (const auto& [track, weight] : weights) sum += weight.hundredths;
    if (sum <= model::weight::whole) return {};
    std::vector<std::string> parts;
    for (const auto& [track, weight] : weights) parts.push_back(track + " " + model::to_text(weight));
    return refuse(
        refusal::sum_over_100,
        "the weights would come to more than 100: " + joined(parts) + "; tracks not named keep theirs"
    );
}

std::string stale_message(std::uint64_t seen, std::uint64_t now) {
    return "generation " + std::to_string(seen) + " is not the one in force, " + std::to_string(now) +
           "; read the route again";
}

} // namespace

std::string_view to_text(layer from) noexcept {
    constexpr std::array<std::string_view, 3> words{"declared", "override", "release"};
    return words[static_cast<std::size_t>(from)];
}

std::string_view to_text(refusal why) noexcept {
    constexpr std::array<std::string_view, 7> words{"unknown-route",    "unknown-track",    "stable-track",
                                                    "sum-over-100",     "stale-generation", "release-active",
                                                    "killed-everywhere"};
    return words[static_cast<std::size_t>(why)];
}

const weight_map& authority::in_force(const held& one) {
    if (!one.release.empty()) return one.release_weights;
    return one.override_ ? one.override_->weights : one.declared;
}

bool authority::is_killed(std::string_view route) const {
    return kill_.everything || kill_.routes.find(route) != kill_.routes.end();
}

void authority::refresh(const std::string& name, held& one, outcome& out, bool always) {
    std::vector<std::uint32_t> weights;
    const auto& map = in_force(one);
    for (const auto& track : one.tracks) {
        const auto at = map.find(track);
        weights.push_back(at == map.end() ? 0 : at->second.hundredths);
    }
    const bool as_declared = &map == &one.declared;
    auto fresh = as_declared ? one.declared_cuts : make_cuts(weights, model::weight::whole);
    fresh.killed = is_killed(name);
    if (!always && same_but_generation(fresh, one.cuts)) return;
    fresh.generation = ++generation_;
    one.cuts = fresh;
    out.changes.push_back({name, fresh});
}

void authority::declare_one(const model::route& route, outcome& out) {
    held fresh;
    fresh.declared_cuts = make_cuts(route);
    for (std::size_t i = 1; i < route.tracks.size(); ++i) {
        fresh.tracks.push_back(route.tracks[i].name);
        fresh.ingresses.push_back(route.tracks[i].ingress);
        fresh.declared[route.tracks[i].name] = route.tracks[i].weight;
    }
    const auto [old, is_first] = routes_.try_emplace(route.name);
    bool is_new = is_first, replaced = false;
    if (!is_new) {
        auto& before = old->second;
        replaced = before.ingresses != fresh.ingresses;
        is_new = before.tracks != fresh.tracks;
        fresh.cuts = before.cuts;
        fresh.override_ = std::move(before.override_);
        fresh.release = std::move(before.release);
        fresh.release_weights = std::move(before.release_weights);
    }
    if (const auto waits = waiting_.find(route.name); waits != waiting_.end()) {
        fresh.override_ = std::move(waits->second);
        waiting_.erase(waits);
    }
    if (fresh.override_ && (replaced || fresh.override_->declared != fresh.declared)) {
        fresh.override_.reset();
        out.ended.push_back(route.name);
        is_new = true;
    }
    old->second = std::move(fresh);
    refresh(route.name, old->second, out, is_new);
}

outcome authority::declare(std::span<const model::route* const> routes, std::span<const std::string> gone) {
    outcome out;
    for (const auto& name : gone) {
        const auto at = routes_.find(name);
        if (at == routes_.end()) continue;
        if (at->second.override_) out.ended.push_back(name);
        routes_.erase(at);
    }
    for (const auto* one : routes) declare_one(*one, out);
    return out;
}

outcome authority::set_declared(std::span<const model::route> routes) {
    std::vector<const model::route*> all;
    std::set<std::string_view> names;
    for (const auto& one : routes) {
        all.push_back(&one);
        names.insert(one.name);
    }
    std::vector<std::string> gone;
    for (const auto& [name, one] : routes_)
        if (!names.contains(name)) gone.push_back(name);
    auto out = declare(all, gone);
    auto rest = settle();
    out.ended.insert(out.ended.end(), rest.ended.begin(), rest.ended.end());
    return out;
}

outcome authority::settle() {
    outcome out;
    for (const auto& [name, waits] : waiting_) out.ended.push_back(name);
    waiting_.clear();
    return out;
}

outcome authority::refuse_route(std::string_view route) const {
    auto message = "there is no route " + quoted(route);
    constexpr std::size_t worth_listing = 8;
    if (!routes_.empty() && routes_.size() <= worth_listing) {
        std::vector<std::string> names;
        for (const auto& [name, one] : routes_) names.push_back(name);
        message += "; there are " + joined(names);
    }
    return refuse(refusal::unknown_route, std::move(message));
}

outcome authority::merge_weights(const held& one, const weight_map& wanted, weight_map& merged) {
    for (const auto& track : one.tracks) merged[track] = {};
    for (const auto& [track, weight] : in_force(one))
        if (merged.contains(track)) merged[track] = weight;
    for (const auto& [track, weight] : wanted) {
        if (track == "stable")
            return refuse(
                refusal::stable_track, "stable has no weight of its own: it takes what the others leave"
            );
        if (!merged.contains(track))
            return refuse(
                refusal::unknown_track,
                "there is no track " + quoted(track) + " that takes a weight; there " +
                    (one.tracks.empty() ? std::string("is only stable") : "are " + joined(one.tracks))
            );
        merged[track] = weight;
    }
    return check_sum(merged);
}

outcome authority::check_override(const held& one, const weight_map& wanted, weight_map& merged) {
    if (!one.release.empty())
        return refuse(
            refusal::release_active,
            "the release " + quoted(one.release) + " moves the weights of this route; pause it first"
        );
    return merge_weights(one, wanted, merged);
}

void authority::put_override(
    const std::string& name, held& one, weight_map weights, deed done, outcome& out
) {
    if (one.override_ && one.override_->weights == weights) return;
    one.override_ = weight_override{name, std::move(weights), one.declared, std::move(done)};
    refresh(name, one, out, true);
}

outcome authority::set_override(
    std::string_view route, const weight_map& weights, std::optional<std::uint64_t> if_match, deed done
) {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return refuse_route(route);
    auto& [name, one] = *at;
    if (if_match && *if_match != one.cuts.generation)
        return refuse(refusal::stale_generation, stale_message(*if_match, one.cuts.generation));
    weight_map merged;
    if (auto out = check_override(one, weights, merged); !out) return out;
    outcome out;
    put_override(name, one, std::move(merged), std::move(done), out);
    return out;
}

outcome
authority::set_overrides(std::span<const route_track> tracks, model::weight weight, const deed& done) {
    std::map<std::string, weight_map, std::less<>> wanted, merged; // by route
    for (const auto& one : tracks) wanted[one.route][one.track] = weight;
    for (const auto& [name, weights] : wanted) {
        const auto at = routes_.find(name);
        auto out =
            at == routes_.end() ? refuse_route(name) : check_override(at->second, weights, merged[name]);
        if (out) continue;
        out.route = name;
        return out;
    }
    outcome out;
    for (auto& [name, weights] : merged)
        put_override(name, routes_.find(name)->second, std::move(weights), done, out);
    return out;
}

outcome authority::clear_overrides(std::span<const route_track> tracks) {
    std::map<std::string, weight_map, std::less<>> left; // by route
    for (const auto& [name, track] : tracks) {
        const auto at = routes_.find(name);
        if (at == routes_.end()) return refuse_route(name);
        const auto& one = at->second;
        if (!one.override_) continue;
        auto& weights = left.try_emplace(name, one.override_->weights).first->second;
        if (const auto own = one.declared.find(track); own != one.declared.end())
            weights[track] = own->second;
    }
    for (const auto& [name, weights] : left)
        if (auto out = check_sum(weights); !out) {
            out.route = name;
            return out;
        }
    outcome out;
    for (auto& [name, weights] : left) {
        auto& one = routes_.find(name)->second;
        if (weights != one.declared) {
            auto done = one.override_->done;
            put_override(name, one, std::move(weights), std::move(done), out);
            continue;
        }
        one.override_.reset();
        out.ended.push_back(name);
        refresh(name, one, out, true);
    }
    return out;
}

outcome authority::clear_override(std::string_view route, std::optional<std::uint64_t> if_match) {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return refuse_route(route);
    auto& [name, one] = *at;
    if (if_match && *if_match != one.cuts.generation)
        return refuse(refusal::stale_generation, stale_message(*if_match, one.cuts.generation));
    outcome out;
    if (!one.override_) return out;
    one.override_.reset();
    out.ended.push_back(name);
    refresh(name, one, out, true);
    return out;
}

outcome authority::refresh_all() {
    outcome out;
    for (auto& [name, one] : routes_) refresh(name, one, out);
    return out;
}

outcome authority::kill(std::span<const std::string> routes, const deed& done) {
    for (const auto& name : routes)
        if (!routes_.contains(name)) return refuse_route(name);
    if (routes.empty() && !kill_.everything) {
        kill_.everything = true;
        kill_.done = done;
    }
    for (const auto& name : routes) kill_.routes.try_emplace(name, done);
    return refresh_all();
}

outcome authority::unkill(std::span<const std::string> routes) {
    for (const auto& name : routes)
        if (!routes_.contains(name) && !kill_.routes.contains(name)) return refuse_route(name);
    if (!routes.empty() && kill_.everything)
        return refuse(
            refusal::killed_everywhere,
            "all canaries are killed; lift that first, it cannot be lifted for single routes"
        );
    if (routes.empty()) kill_ = {};
    for (const auto& name : routes) kill_.routes.erase(name);
    return refresh_all();
}

outcome authority::set_release(std::string_view route, std::string_view release, const weight_map& weights) {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return refuse_route(route);
    auto& [name, one] = *at;
    if (!one.release.empty() && one.release != release)
        return refuse(
            refusal::release_active,
            "the release " + quoted(one.release) + " already moves the weights of this route"
        );
    weight_map merged;
    if (auto out = merge_weights(one, weights, merged); !out) return out;
    outcome out;
    if (one.release == release && one.release_weights == merged) return out;
    one.release = release;
    one.release_weights = std::move(merged);
    refresh(name, one, out, true);
    return out;
}

outcome authority::end_release(std::string_view route) {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return refuse_route(route);
    auto& [name, one] = *at;
    outcome out;
    if (one.release.empty()) return out;
    one.release.clear();
    one.release_weights.clear();
    refresh(name, one, out, true);
    return out;
}

std::optional<effective_weights> authority::effective(std::string_view route) const {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return std::nullopt;
    const auto& one = at->second;
    effective_weights out;
    out.weights = in_force(one);
    out.declared = one.declared;
    out.from = !one.release.empty() ? layer::release : one.override_ ? layer::override_ : layer::declared;
    out.killed = one.cuts.killed;
    out.generation = one.cuts.generation;
    out.release = one.release;
    out.override_ = one.override_ ? &*one.override_ : nullptr;
    return out;
}

std::optional<cuts> authority::cuts_of(std::string_view route) const {
    const auto at = routes_.find(route);
    if (at == routes_.end()) return std::nullopt;
    return at->second.cuts;
}

authority_state authority::save() const {
    authority_state out;
    out.generation = generation_;
    out.kill = kill_;
    for (const auto& [name, waits] : waiting_) out.overrides.push_back(waits);
    for (const auto& [name, one] : routes_)
        if (one.override_) out.overrides.push_back(*one.override_);
    return out;
}

outcome authority::restore(const authority_state& state) {
    generation_ = std::max(generation_, state.generation);
    kill_ = state.kill;
    std::vector<std::string> ended;
    for (const auto& one : state.overrides) {
        const auto at = routes_.find(one.route);
        if (at != routes_.end() && at->second.declared == one.declared)
            at->second.override_ = one;
        else if (routes_.empty())
            waiting_.insert_or_assign(one.route, one);
        else
            ended.push_back(one.route);
    }
    auto out = refresh_all();
    out.ended = std::move(ended);
    return out;
}

} // namespace adit::canary
