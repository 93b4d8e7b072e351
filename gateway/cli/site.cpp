#include "cli/site.hpp"

#include "cli/policy_files.hpp"
#include "cli/tls_loading.hpp"
#include "core/log.hpp"
#include "http/refusal.hpp"
#include "proxy/compile_bodies.hpp"

#include <algorithm>
#include <chrono>

namespace adit::cli {

namespace {

std::vector<std::string> refusal_names() {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < http::refusal_count; ++i)
        out.emplace_back(i == 0 ? std::string_view{} : http::traits(static_cast<http::refusal>(i)).word);
    return out;
}

// A generation that a caller remembers from an earlier run is older than all of this one's.
std::uint64_t first_generation() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::vector<std::string> track_names(const model::route& route) {
    std::vector<std::string> out;
    for (const auto& track : route.tracks) out.push_back(track.name);
    return out;
}

} // namespace

struct site::assigned {
    std::shared_ptr<const model::route> route;
    std::uint32_t slot = observe::labels::none;
    canary::chooser chooser;
    std::unique_ptr<const policy::route_policy> policy;
};

site::site(
    boost::asio::io_context& control, unsigned workers, int descriptor_ceiling,
    std::shared_ptr<const canary::cookie_keys> keys, std::shared_ptr<const net::tls_tickets> tickets,
    bool tls_asked
)
    : keys_(std::move(keys)),
      tickets_(std::move(tickets)),
      tls_asked_(tls_asked),
      tracing_(workers, gauges_),
      fleet_(
          control, workers, descriptor_ceiling,
          [this](const auto& endpoint, upstream::outcome what) { health_.failing(*endpoint, what); }
      ),
      exposition_(fleet_.counters(), labels_, gauges_, refusal_names()),
      authority_(first_generation()),
      resolver_(control, [this](const std::string& name) { name_changed(name); }),
      health_(
          control, roster_,
          [this](const std::string& route, const std::string& track) { health_changed(route, track); },
          [this](const upstream::health_change& change) {
              if (on_health) on_health(change);
          }
      ) {
    shared_.read_file = read_policy_file;
    fleet_.start();
}

site::~site() {
    *alive_ = false;
    if (passwords_) passwords_->stop(); // it tells workers
    fleet_.stop();
}

std::shared_ptr<const model::route> site::route(std::string_view name) const {
    const auto at = slots_.find(name);
    return at == slots_.end() || !current_ ? nullptr : current_->routes[at->second]->wish;
}

complaints site::apply(model::gateway wish, std::function<void()> done) {
    complaints found;
    std::vector<assigned> routes;
    const bool asks_passwords = std::any_of(wish.routes.begin(), wish.routes.end(), [](const auto& one) {
        return one.policies.basic_auth.has_value();
    });
    if (asks_passwords && !passwords_) passwords_ = std::make_shared<proxy::password_checker>();
    if (!shared_.meters && policy::needs_meters(wish.routes))
        shared_.meters = std::make_shared<policy::meters>();
    for (const auto& one : wish.routes) {
        auto chooser = canary::chooser::compile(one, wish.incoming_colour, keys_, found);
        auto policy = policy::compile(one, shared_, found);
        if (chooser)
            routes.push_back(
                {std::make_shared<const model::route>(one), 0, std::move(*chooser), std::move(policy)}
            );
    }
    if (has_errors(found)) return found;
    // A dry run with provisional slots: patterns of paths and conditions are compiled there.
    std::vector<route::table_entry> entries;
    entries.reserve(routes.size());
    for (const auto& one : routes) entries.push_back({0, one.route});
    if (!route::table::compile(entries, found)) return found;
    auto tls = make_tls(wish, found);
    auto targets = upstream_targets::load(wish, found);
    if (has_errors(found)) return found;

    assign_slots(routes);
    const auto before = current_;
    for (std::size_t i = 0; i < routes.size(); ++i) entries[i].slot = routes[i].slot;
    auto next = std::make_shared<proxy::snapshot>(*route::table::compile(entries, found));
    next->generation = before ? before->generation + 1 : 1;
    next->limits = wish.limits;
    next->timeouts = wish.timeouts;
    next->trusted = wish.trusted;
    next->underscore_fields = wish.underscore_fields;
    next->passwords = passwords_;
    if (wish.error_pages) next->error_pages = std::make_unique<const policy::error_pages>(*wish.error_pages);

    proxy::update change;
    std::vector<std::uint32_t> used;
    authority_.set_declared(wish.routes);
    wish_ = std::move(wish);
    targets_ = std::move(targets);
    watch_names();
    for (auto& one : routes) {
        const auto slot = one.slot;
        if (next->routes.size() <= slot) next->routes.resize(slot + 1);
        auto compiled = std::make_shared<proxy::compiled_route>(proxy::compiled_route{
            slot, one.route, std::move(one.chooser)});
        compiled->policy = std::move(one.policy);
        proxy::compile_bodies(*compiled);
        compiled->https = proxy::https_rule::compile(one.route->https);
        compiled->timeouts = model::in_force(wish_.timeouts, one.route->timeouts);
        if (one.route->retry) compiled->retry = &*one.route->retry;
        next->routes[slot] = std::move(compiled);
        used.push_back(slot);
        change.cuts.push_back({slot, *authority_.cuts_of(one.route->name)});
        label(one.route->name, change.cuts.back().cuts);
        for (std::size_t track = 0; track < one.route->tracks.size(); ++track)
            change.endpoints.push_back(endpoints_of(slot, *one.route, track));
    }
    next->tracing = tracing_.follow(wish_.tracing, targets_.collector());
    trim_roster();
    add_services(change, {});
    if (slot_users_.size() < next->routes.size()) slot_users_.resize(next->routes.size());
    for (const auto slot : used) ++slot_users_[slot];
    next->when_freed = [this, alive = alive_, used = std::move(used)] {
        if (*alive) forget(used);
    };
    gauges_.config_generation = next->generation;
    current_ = next;
    change.snapshot = std::move(next);
    if (tls) show_certificates(*tls);
    change.tls = std::move(tls);
    fleet_.apply(std::move(change), std::move(done));
    health_.follow(wish_.routes);
    return found;
}

// nullptr where nobody speaks TLS, or with an error.
std::shared_ptr<const net::tls_store> site::make_tls(const model::gateway& wish, complaints& found) {
    if (!tls_asked_ && !wants_tls(wish)) return nullptr;
    if (tls_asked_ && wish.tls.certificates.empty() &&
        !wish.tls.made_up_first) // of listeners in a file it is said already
        found.push_back(
            {complaint::severity::warning,
             {},
             "tls.certificates",
             "there is no certificate, so a self-signed one is made up that no client trusts",
             {}}
        );
    if ((wish.tls.certificates.empty() || wish.tls.made_up_first) && !self_signed_)
        self_signed_ = net::tls_certificate::self_signed(std::chrono::system_clock::now());
    return load_tls(wish.tls, tickets_, self_signed_, found);
}

complaints site::renew_certificates() {
    complaints found;
    auto tls = make_tls(wish_, found);
    auto targets = upstream_targets::load(wish_, found);
    if (has_errors(found)) return found;
    if (tls) show_certificates(*tls);
    targets_ = std::move(targets);
    tracing_.follow(wish_.tracing, targets_.collector());
    proxy::update change;
    change.tls = std::move(tls);
    add_secure_tracks(change);
    fleet_.apply(std::move(change));
    health_.follow(wish_.routes); // checks speak TLS as requests do
    return found;
}

// Connections to come are made with what was read now.
void site::add_secure_tracks(proxy::update& change) {
    for (const auto& route : wish_.routes)
        for (std::size_t track = 0; track < route.tracks.size(); ++track) {
            const auto& endpoints = route.tracks[track].endpoints;
            const auto secure = [&](const auto& one) {
                return targets_.find(route, route.tracks[track], one) != nullptr;
            };
            if (std::any_of(endpoints.begin(), endpoints.end(), secure))
                change.endpoints.push_back(endpoints_of(slots_.find(route.name)->second, route, track));
        }
}

void site::show_certificates(const net::tls_store& store) {
    gauges_.certificates.clear();
    for (const auto& one : store.certificates())
        gauges_.certificates.push_back(
            {one->name, one->hosts.empty() ? std::string{} : one->hosts.front(), one->not_after}
        );
}

// A route keeps its slot, and with it its counters, as long as its tracks keep their places.
void site::assign_slots(std::vector<assigned>& routes) {
    std::map<std::string, std::uint32_t, std::less<>> next;
    for (auto& one : routes) {
        const auto names = track_names(*one.route);
        const auto at = slots_.find(one.route->name);
        one.slot = at != slots_.end() && labels_.keep(at->second, one.route->label(), names)
                       ? at->second
                       : labels_.assign(one.route->label(), names);
        next.emplace(one.route->name, one.slot);
    }
    slots_ = std::move(next);
}

// A snapshot that knew these slots is gone from every worker.
void site::forget(const std::vector<std::uint32_t>& slots) {
    for (const auto slot : slots) {
        if (--slot_users_[slot] > 0) continue;
        exposition_.retire(slot);
    }
}

void site::apply(const std::vector<canary::cuts_change>& changes, std::function<void()> done) {
    proxy::update change;
    for (const auto& one : changes) {
        const auto at = slots_.find(one.route);
        if (at == slots_.end()) continue;
        change.cuts.push_back({at->second, one.cuts});
        label(one.route, one.cuts);
    }
    fleet_.apply(std::move(change), std::move(done));
}

void site::label(std::string_view route, const canary::cuts& cuts) {
    const auto at = slots_.find(route);
    if (at == slots_.end()) return;
    std::vector<double> ratios;
    for (std::size_t track = 0; track < cuts.tracks; ++track)
        ratios.push_back(
            cuts.killed ? (track == 0 ? 1.0 : 0.0) : static_cast<double>(cuts.weight_of(track)) / cuts.total
        );
    labels_.set_weights(at->second, ratios);
}

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
                 .local = !one.zone.empty() && one.zone == wish_.zone,
                 .ready = one.ready,
                 .serving = one.serving,
                 .terminating = one.terminating,
                 .tls = target_of(one),
                 .state = nullptr}
            );
    }
    return list;
}

proxy::update::track_endpoints
site::endpoints_of(std::uint32_t slot, const model::route& route, std::size_t track) {
    const auto& wish = route.tracks[track];
    auto list = list_of(wish.endpoints, [&](const auto& one) { return targets_.find(route, wish, one); });
    auto& seated = roster_.seat(route.name, wish.name, track == 0, std::move(list), monotonic_now());
    const bool limited = route.balance_of(wish).limited();
    if (limited && !seated.gate) seated.gate = std::make_shared<upstream::track_gate>();
    return {
        slot, static_cast<std::uint8_t>(track),
        std::make_shared<const proxy::endpoint_list>(seated.endpoints), limited ? seated.gate : nullptr};
}

void site::trim_roster() {
    std::set<std::pair<std::string, std::string>> names;
    for (const auto& route : wish_.routes)
        for (const auto& track : route.tracks) names.emplace(route.name, track.name);
    roster_.keep_only(names);
}

// Addresses of the services that routes ask; only where `name` is one of them, unless it is empty.
void site::add_services(proxy::update& to, std::string_view name) const {
    for (const auto& route : wish_.routes) {
        for (std::size_t i = 0; i < proxy::service_kinds; ++i) {
            const auto which = static_cast<proxy::service_kind>(i);
            const auto& wished = proxy::wished_service(wish_, route, which);
            const auto uses = [&](const auto& one) { return one.host == name; };
            // A route that asks nobody does not look at what stands there.
            if (wished.empty() || (!name.empty() && std::none_of(wished.begin(), wished.end(), uses)))
                continue;
            to.services.push_back(
                {slots_.find(route.name)->second, which,
                 std::make_shared<const proxy::endpoint_list>(
                     list_of(wished, [](const auto&) { return nullptr; }) // validate() lets none speak TLS
                 )}
            );
        }
    }
}

void site::watch_names() {
    std::set<std::string> names;
    const auto add = [&](const std::vector<model::endpoint>& wished) {
        for (const auto& one : wished)
            if (!parse_ip(one.host)) names.insert(one.host);
    };
    for (const auto& route : wish_.routes) {
        for (std::size_t i = 0; i < proxy::service_kinds; ++i)
            add(proxy::wished_service(wish_, route, static_cast<proxy::service_kind>(i)));
        for (const auto& track : route.tracks) add(track.endpoints);
    }
    resolver_.watch(names);
}

void site::name_changed(const std::string& name) {
    proxy::update change;
    for (const auto& route : wish_.routes) {
        for (std::size_t track = 0; track < route.tracks.size(); ++track) {
            const auto& endpoints = route.tracks[track].endpoints;
            const auto uses = [&](const auto& one) { return one.host == name; };
            if (std::none_of(endpoints.begin(), endpoints.end(), uses)) continue;
            change.endpoints.push_back(endpoints_of(slots_.find(route.name)->second, route, track));
        }
    }
    add_services(change, name);
    log_info("addresses changed", {{"name", name}, {"count", resolver_.find(name).size()}});
    fleet_.apply(std::move(change));
    health_.follow(wish_.routes);
}

void site::health_changed(const std::string& route, const std::string& track) {
    const auto at = slots_.find(route);
    const auto wish = this->route(route);
    if (at == slots_.end() || !wish) return;
    proxy::update change;
    for (std::size_t i = 0; i < wish->tracks.size(); ++i)
        if (wish->tracks[i].name == track)
            change.health.push_back({at->second, static_cast<std::uint8_t>(i)});
    fleet_.apply(std::move(change));
}

void site::show_health(std::uint32_t slot, std::uint32_t count) {
    std::vector<std::optional<observe::track_health>> tracks;
    for (; count > 0 && slot < labels_.slots(); --count, ++slot) {
        const auto* names = labels_.find(slot);
        if (!names) continue;
        tracks.clear();
        const bool known = current_ && slot < current_->routes.size() && current_->routes[slot];
        const auto& route = known ? current_->routes[slot]->wish->name : names->route;
        for (const auto& one : names->tracks) tracks.push_back(health_.summary(route, one.name));
        labels_.set_health(slot, tracks);
    }
}

} // namespace adit::cli
