#include "cli/control_port.hpp"

#include "admin/views.hpp"
#include "cli/explain_story.hpp"
#include "cli/ingress_source.hpp"
#include "cli/journal.hpp"
#include "cli/version.hpp"
#include "core/log.hpp"
#include "model/address.hpp"

#include <numeric>

namespace adit::cli {

namespace {

constexpr std::uint32_t routes_at_once = 128; // a fraction of a millisecond

std::string describe(const model::value_match& one, std::string_view what) {
    std::string out = std::string(what) + ' ' + one.name;
    switch (one.how) {
    case model::value_match::kind::present: return out + " is present";
    case model::value_match::kind::exact: return out + " is " + one.text;
    case model::value_match::kind::regex: return out + " matches " + one.text;
    }
    return out;
}

std::vector<std::string> describe(const model::match& match) {
    std::vector<std::string> out;
    if (!match.methods.empty()) {
        std::string line = "method is one of";
        for (const auto& method : match.methods) line += ' ' + method;
        out.push_back(line);
    }
    for (const auto& one : match.headers) out.push_back(describe(one, "header"));
    for (const auto& one : match.query) out.push_back(describe(one, "query parameter"));
    return out;
}

std::string describe(const std::optional<model::cohort>& cohort) {
    if (!cohort) return "dice";
    switch (cohort->by) {
    case model::cohort::key::header: return "cohort by header " + cohort->name;
    case model::cohort::key::cookie: return "cohort by cookie " + cohort->name;
    case model::cohort::key::address: return "cohort by address";
    }
    return "dice";
}

std::string_view kind_text(model::path_match::kind kind) {
    switch (kind) {
    case model::path_match::kind::prefix: return "prefix";
    case model::path_match::kind::exact: return "exact";
    case model::path_match::kind::regex: return "regex";
    }
    return "";
}

std::optional<double> find_percent(const canary::weight_map& weights, const std::string& track) {
    const auto at = weights.find(track);
    return at == weights.end() ? std::nullopt : std::optional(model::to_percent(at->second));
}

} // namespace

admin::track_view control_port::view_of(
    const model::route& route, const model::track& track, const canary::effective_weights& weights,
    double effective
) const {
    admin::track_view out{
        .name = track.name, .endpoints = {}, .declared = {}, .overridden = {}, .effective = effective};
    out.declared = find_percent(weights.declared, track.name);
    if (weights.override_) out.overridden = find_percent(weights.override_->weights, track.name);
    for (const auto& one : track.endpoints) {
        const auto found = daemon_.site().addresses(one);
        if (found.empty()) out.endpoints.push_back({model::to_text(one), "unresolved"});
        for (const auto& address : found)
            out.endpoints.push_back(
                {upstream::to_text(address), std::string(daemon_.site().state_of(route, track, address))}
            );
    }
    return out;
}

std::optional<admin::route_view> control_port::route(std::string_view name) {
    const auto wish = daemon_.site().route(name);
    const auto weights = authority().effective(name);
    if (!wish || !weights) return std::nullopt;
    const auto cuts = *authority().cuts_of(name);
    admin::route_view out;
    out.name = wish->name;
    out.hosts = wish->match.hosts;
    out.path_kind = kind_text(wish->match.path.how);
    out.path = wish->match.path.text;
    out.conditions = describe(wish->match);
    out.choice = describe(wish->cohort);
    for (std::size_t i = 0; i < wish->tracks.size(); ++i) {
        const double killed = i == 0 ? 100.0 : 0.0;
        const double share = 100.0 * cuts.weight_of(i) / cuts.total;
        out.tracks.push_back(view_of(*wish, wish->tracks[i], *weights, cuts.killed ? killed : share));
    }
    out.weights_from = weights->killed ? "kill" : std::string(canary::to_text(weights->from));
    out.generation = weights->generation;
    out.killed = weights->killed;
    out.durable = daemon_.durable();
    if (weights->override_) out.overridden_by = weights->override_->done.by;
    if (weights->killed) {
        const auto& order = authority().killed();
        const auto at = order.routes.find(name);
        out.kill_reason = "killed by " + (at != order.routes.end() ? at->second.by : order.done.by);
    }
    return out;
}

std::vector<std::string> control_port::route_names() const {
    std::vector<std::string> out;
    for (const auto& [name, slot] : daemon_.site().slots()) out.push_back(name);
    return out;
}

std::vector<admin::route_view> control_port::routes() {
    std::vector<admin::route_view> out;
    for (const auto& name : route_names())
        if (auto one = route(name)) out.push_back(std::move(*one));
    return out;
}

std::optional<admin::problem> control_port::check_match(
    const std::string& route, const std::optional<std::vector<std::uint64_t>>& if_match
) {
    const auto weights = authority().effective(route);
    if (!weights) return admin::unknown_route(route, route_names());
    if (!if_match) return std::nullopt;
    for (const auto generation : *if_match)
        if (generation == weights->generation) return std::nullopt;
    return admin::stale_generation(route, weights->generation);
}

admin::problem control_port::to_problem(
    const canary::outcome& outcome, const std::string& route, const canary::weight_map& wanted
) {
    const auto wish = daemon_.site().route(route);
    const auto weights = authority().effective(route);
    switch (*outcome.refused) {
    case canary::refusal::unknown_track:
        for (const auto& [track, weight] : wanted)
            if (wish && !wish->find_track(track)) {
                std::vector<std::string> known;
                for (const auto& one : wish->tracks) known.push_back(one.name);
                return admin::unknown_track(route, track, known);
            }
        break;
    case canary::refusal::stable_track: return admin::stable_has_no_weight(route);
    case canary::refusal::sum_over_100: {
        double sum = 0;
        if (weights) {
            auto merged = weights->weights;
            for (const auto& [track, weight] : wanted) merged[track] = weight;
            for (const auto& [track, weight] : merged) sum += model::to_percent(weight);
        }
        return admin::weights_over_100(route, sum);
    }
    case canary::refusal::stale_generation:
        return admin::stale_generation(route, weights ? weights->generation : 0);
    case canary::refusal::release_active:
        return admin::release_active(route, weights ? weights->release : "");
    case canary::refusal::killed_everywhere: return admin::killed_everywhere(route);
    default: break;
    }
    auto out = admin::unknown_route(route, route_names());
    if (!outcome.message.empty()) out.detail = outcome.message;
    return out;
}

void control_port::put_in_force(
    const canary::outcome& outcome, admin::route_view before, std::string by,
    admin::reply<admin::weights_change> done
) {
    const bool kept = daemon_.save_authority();
    daemon_.site().apply(
        outcome.changes,
        [this, alive = alive_, kept, before = std::move(before), by = std::move(by),
         done = std::move(done)]() mutable {
            if (!*alive) return done(admin::shutting_down());
            auto after = route(before.name);
            if (!after) return done(admin::unknown_route(before.name, route_names()));
            if (!kept) {
                after->durable = false;
                after->warnings.push_back("in force, but not stored: a restart forgets it (see the log)");
            }
            admin::weights_change change{std::move(before), std::move(*after)};
            tell(admin::weights_event(change, by));
            done(std::move(change));
        }
    );
}

void control_port::put_weights(admin::weights_request wish, admin::reply<admin::weights_change> done) {
    if (auto wrong = check_match(wish.route, wish.if_match)) return done(std::move(*wrong));
    canary::weight_map weights;
    for (const auto& [track, percent] : wish.weights) {
        auto why = model::weight_error::not_a_number;
        const auto weight = model::to_weight(percent, &why);
        if (!weight) {
            if (why == model::weight_error::negative) return done(admin::negative_weight(track, percent));
            if (why == model::weight_error::too_fine) return done(admin::weight_too_fine(track, percent));
            return done(admin::weights_over_100(wish.route, percent));
        }
        weights[track] = *weight;
    }
    auto before = route(wish.route);
    const auto outcome = authority().set_override(
        wish.route, weights, std::nullopt, {wish.by.name, std::chrono::system_clock::now()}
    );
    if (!outcome) return done(to_problem(outcome, wish.route, weights));
    put_in_force(outcome, std::move(*before), wish.by.name, std::move(done));
}

void control_port::delete_weights(admin::clear_request wish, admin::reply<admin::weights_change> done) {
    if (auto wrong = check_match(wish.route, wish.if_match)) return done(std::move(*wrong));
    auto before = route(wish.route);
    const auto outcome = authority().clear_override(wish.route, std::nullopt);
    if (!outcome) return done(to_problem(outcome, wish.route, {}));
    put_in_force(outcome, std::move(*before), wish.by.name, std::move(done));
}

std::vector<std::string> control_port::killed_routes() {
    std::vector<std::string> out;
    for (const auto& name : route_names())
        if (const auto weights = authority().effective(name); weights && weights->killed) out.push_back(name);
    return out;
}

void control_port::switch_kill(
    admin::kill_request wish, std::vector<std::string> before, const canary::outcome& outcome, bool killed,
    admin::reply<admin::kill_change> done
) {
    if (!outcome) {
        const auto names = wish.routes.value_or(std::vector<std::string>{});
        for (const auto& name : names)
            if (!daemon_.site().route(name)) return done(admin::unknown_route(name, route_names()));
        return done(to_problem(outcome, names.empty() ? "" : names.front(), {}));
    }
    daemon_.site().gauges().killed = !authority().killed().empty();
    daemon_.save_authority();
    std::vector<std::string> changed;
    for (const auto& one : outcome.changes) changed.push_back(one.route);
    daemon_.site().apply(
        outcome.changes,
        [this, alive = alive_, changed = std::move(changed), before = std::move(before), killed,
         wish = std::move(wish), done = std::move(done)] {
            if (!*alive) return done(admin::shutting_down());
            admin::kill_change out{.all = authority().killed().everything, .before = before, .affected = {}};
            for (const auto& name : changed)
                if (auto one = route(name)) out.affected.push_back(std::move(*one));
            tell(admin::kill_event(out, killed, wish.reason, wish.by.name));
            done(std::move(out));
        }
    );
}

void control_port::kill(admin::kill_request wish, admin::reply<admin::kill_change> done) {
    auto before = killed_routes();
    auto by = wish.by.name;
    if (!wish.reason.empty()) by += ": " + wish.reason;
    const auto outcome = authority().kill(
        wish.routes.value_or(std::vector<std::string>{}), {std::move(by), std::chrono::system_clock::now()}
    );
    switch_kill(std::move(wish), std::move(before), outcome, true, std::move(done));
}

void control_port::unkill(admin::kill_request wish, admin::reply<admin::kill_change> done) {
    auto before = killed_routes();
    const auto outcome = authority().unkill(wish.routes.value_or(std::vector<std::string>{}));
    switch_kill(std::move(wish), std::move(before), outcome, false, std::move(done));
}

void control_port::reload(admin::actor, admin::reply<admin::reload_report> done) {
    daemon_.reload([this, done = std::move(done)](const complaints& found, bool changed) {
        if (has_errors(found)) return done(admin::bad_configuration(found));
        const auto* now = daemon_.site().current();
        done(admin::reload_report{changed, now ? now->generation : 0, found});
    });
}

void control_port::explain(admin::explain_request request, admin::reply<boost::json::object> done) {
    const auto* now = daemon_.site().current();
    if (!now) return done(admin::shutting_down());
    canary::cuts cuts;
    explain_view view;
    view.table = &now->table;
    view.chooser = [now](std::uint32_t slot) { return &now->routes[slot]->chooser; };
    view.cuts = [this, now, &cuts](std::uint32_t slot) {
        cuts = authority().cuts_of(now->routes[slot]->wish->name).value_or(canary::cuts{});
        return &cuts;
    };
    view.overruled = [this, now](std::uint32_t slot) -> std::string {
        const auto weights = authority().effective(now->routes[slot]->wish->name);
        if (!weights || weights->from == canary::layer::declared) return {};
        if (weights->from == canary::layer::release) return "the release " + weights->release;
        return "the override of " + weights->override_->done.by;
    };
    view.limits = {
        .first_line = now->limits.request_line, .head = now->limits.head, .fields = now->limits.fields};
    view.trusted = now->trusted;
    view.body_limit = now->limits.body;
    view.underscore_fields = now->underscore_fields;
    done(cli::tell(view, request));
}

std::vector<admin::readiness_check> control_port::readiness() {
    using state = admin::readiness_check::state;
    daemon_.probed();
    std::vector<admin::readiness_check> out;
    const auto* now = daemon_.site().current();
    out.push_back(
        {"configuration", now ? state::ok : state::failed,
         now ? "generation " + std::to_string(now->generation) : "none"}
    );
    const auto& wrong = daemon_.reload_problem();
    out.push_back({"reload", wrong.empty() ? state::ok : state::degraded, wrong});
    out.push_back({"serving", daemon_.serving() ? state::ok : state::failed, daemon_.unreadiness()});
    if (const auto* objects = daemon_.objects())
        if (auto check = objects->readiness()) out.push_back(std::move(*check));
    out.push_back(daemon_.ceilings());
    return out;
}

admin::version_info control_port::version() {
    return this_build();
}

// Thousands of routes take a while: they are summed up in pieces, and text is made of them elsewhere, so that
// this thread stays at hand.
void control_port::metrics(std::function<void(std::string)> done) {
    auto& site = daemon_.site();
    site.gauges().shedding_memory = site.fleet().pressure().memory.load(std::memory_order_relaxed);
    if (const auto* objects = daemon_.objects()) site.gauges().api_server = objects->figures();
    go_on_scraping(std::make_shared<observe::exposition::scrape>(), std::move(done));
}

void control_port::go_on_scraping(
    std::shared_ptr<observe::exposition::scrape> sums, std::function<void(std::string)> done
) {
    const auto& exposition = daemon_.site().exposition();
    daemon_.site().show_health(sums->at(), routes_at_once);
    if (!exposition.go_on(*sums, routes_at_once))
        return boost::asio::post(
            daemon_.context(),
            [this, alive = alive_, sums = std::move(sums), done = std::move(done)]() mutable {
                if (*alive) go_on_scraping(std::move(sums), std::move(done));
            }
        );
    boost::asio::post(
        scribe_,
        [this, sums = std::move(sums), rest = exposition.rest(), done = std::move(done)]() mutable {
            auto text = observe::to_text(sums->all, rest);
            sums.reset();
            boost::asio::post(daemon_.context(), [text = std::move(text), done = std::move(done)]() mutable {
                done(std::move(text));
            });
        }
    );
}

std::shared_ptr<void>
control_port::tap(observe::tap_wish wish, std::function<void(const observe::tap_batch&)> hear) {
    auto handle = daemon_.journal().tap(daemon_.context(), std::move(wish), std::move(hear));
    daemon_.site().gauges().access_log = daemon_.journal().counters();
    return handle;
}

std::shared_ptr<void> control_port::subscribe(std::function<void(const admin::event&)> listener) {
    const auto id = next_listener_++;
    listeners_.emplace(id, std::move(listener));
    return std::shared_ptr<void>(nullptr, [this, alive = std::weak_ptr(alive_), id](void*) {
        if (!alive.expired()) listeners_.erase(id);
    });
}

void control_port::tell(const admin::event& what) {
    const auto now = listeners_; // a listener may leave while it is told
    for (const auto& [id, listener] : now) listener(what);
}

} // namespace adit::cli
