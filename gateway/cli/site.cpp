#include "cli/site.hpp"

#include "cli/policy_files.hpp"
#include "cli/tls_loading.hpp"
#include "core/log.hpp"
#include "http/refusal.hpp"
#include "proxy/compile_bodies.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <unordered_set>
#include <utility>

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

namespace {

// Whether routes compile to the same in both.
bool look_alike(const model::gateway& a, const model::gateway& b) {
    return a.timeouts == b.timeouts && a.error_pages == b.error_pages &&
           a.incoming_colour == b.incoming_colour;
}

} // namespace

struct site::drafted_route {
    std::shared_ptr<const model::route> wish;
    canary::chooser chooser;
    std::unique_ptr<const policy::route_policy> policy;
};

// A group that compiles, and has no slots yet.
struct site::draft {
    model::group_ref of;
    std::vector<drafted_route> routes;
    std::optional<route::table_draft> table;
    std::vector<std::uint32_t> slots;
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
          control, roster_, [this](const upstream::roster::key& seat) { health_changed(seat); },
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

void site::for_each_route(const std::function<void(const model::route&)>& visit) const {
    for (const auto& [name, slot] : slots_) visit(*current_->routes[slot]->wish);
}

complaints site::apply(model::gateway wish, std::function<void()> done) {
    wish_change change;
    for (const auto& [group, held] : groups_) change.groups.removed.push_back(held.routes);
    change.groups.added.push_back(std::make_shared<const model::route_group>(std::exchange(wish.routes, {})));
    change.frame = std::make_shared<const model::gateway>(std::move(wish));
    return apply(std::move(change), std::move(done));
}

complaints site::reapply() {
    wish_change change;
    add_all_groups(change.groups);
    return apply(std::move(change));
}

void site::add_all_groups(model::group_changes& to) const {
    std::unordered_set<const model::route_group*> met;
    for (const auto& one : to.removed) met.insert(one.get());
    for (const auto& [group, held] : groups_) {
        if (met.contains(group)) continue;
        to.removed.push_back(held.routes);
        to.added.push_back(held.routes);
    }
}

complaints site::apply(wish_change change, std::function<void()> done) {
    complaints found;
    const auto& frame = change.frame ? *change.frame : *frame_;
    if (change.frame && !look_alike(*change.frame, *frame_)) add_all_groups(change.groups);
    check_count(change.groups, found);
    auto drafts = compile(change, frame, found);
    if (has_errors(found)) return found;
    proxy::update update;
    if (change.frame) update.tls = make_tls(frame, found);
    upstream_targets targets;
    for (const auto& one : change.groups.added) targets.add(*one, found);
    upstream_targets collector;
    if (change.frame) collector.add(frame.tracing, found);
    if (has_errors(found)) return found;

    std::vector<held_group> removed;
    for (const auto& one : change.groups.removed)
        if (auto node = groups_.extract(one.get())) removed.push_back(std::move(node.mapped()));
    for (const auto& one : removed) {
        count_names(*one.routes, -1);
        for (const auto& route : *one.routes) targets_.remove(route.name);
    }
    targets_.merge(targets);
    if (change.frame) take_frame(std::move(change.frame), collector.collector());
    auto next = new_snapshot();
    update.left = assign_slots(drafts, removed, *next);
    declare(drafts, removed, change.complete);
    std::vector<route::table_part> parts, gone;
    for (auto& one : drafts) {
        put_in_force(one, *next, update);
        parts.push_back(groups_.at(one.of.get()).part);
    }
    for (const auto& one : removed) {
        leave_seats(one);
        gone.push_back(one.part);
    }
    next->table = current_ ? current_->table.with(gone, parts) : route::table().with(gone, parts);
    watch_names();
    gauges_.config_generation = next->generation;
    current_ = next;
    update.snapshot = std::move(next);
    if (update.tls) show_certificates(*update.tls);
    fleet_.apply(std::move(update), std::move(done));
    return found;
}

// A slot may be in use for a while by the last exchanges of a route that is gone: half of them are kept for
// those.
void site::check_count(const model::group_changes& groups, complaints& found) const {
    constexpr std::size_t most = observe::worker_counters::max_route_slots / 2;
    auto count = slots_.size();
    for (const auto& one : groups.added) count += one->size();
    for (const auto& one : groups.removed) count -= one->size();
    if (count <= most) return;
    found.push_back(
        {complaint::severity::error,
         {},
         "routes",
         "there are " + std::to_string(count) + " routes, and no room for more than " + std::to_string(most),
         "spread them over several gateways"}
    );
}

std::vector<site::draft>
site::compile(const wish_change& change, const model::gateway& frame, complaints& found) {
    std::vector<draft> out;
    for (const auto& group : change.groups.added) {
        auto& made = out.emplace_back();
        made.of = group;
        if (!passwords_ && std::any_of(group->begin(), group->end(), [](const auto& one) {
                return one.policies.basic_auth.has_value();
            }))
            passwords_ = std::make_shared<proxy::password_checker>();
        if (!shared_.meters && policy::needs_meters(*group))
            shared_.meters = std::make_shared<policy::meters>();
        std::vector<std::shared_ptr<const model::route>> wishes;
        for (const auto& one : *group) {
            auto chooser = canary::chooser::compile(one, frame.incoming_colour, keys_, found);
            auto policy = policy::compile(one, shared_, found);
            wishes.emplace_back(group, &one);
            if (chooser) made.routes.push_back({wishes.back(), std::move(*chooser), std::move(policy)});
        }
        made.table = route::table_draft::compile(wishes, found);
    }
    return out;
}

void site::take_frame(
    std::shared_ptr<const model::gateway> frame, std::shared_ptr<const net::tls_target> collector
) {
    frame_ = std::move(frame);
    error_pages_ =
        frame_->error_pages ? std::make_shared<const policy::error_pages>(*frame_->error_pages) : nullptr;
    trace_rules_ = tracing_.follow(frame_->tracing, std::move(collector));
}

// As the one in force, but for what the frame says, and without a table.
std::shared_ptr<proxy::snapshot> site::new_snapshot() const {
    auto next = std::make_shared<proxy::snapshot>(route::table());
    next->generation = current_ ? current_->generation + 1 : 1;
    if (current_) next->routes = current_->routes;
    next->limits = frame_->limits;
    next->timeouts = frame_->timeouts;
    next->trusted = frame_->trusted;
    next->underscore_fields = frame_->underscore_fields;
    next->passwords = passwords_;
    next->error_pages = error_pages_;
    next->tracing = trace_rules_;
    return next;
}

// A route keeps its slot, and with it its counters, as long as its tracks keep their places.
std::vector<std::uint32_t>
site::assign_slots(std::vector<draft>& added, const std::vector<held_group>& removed, proxy::snapshot& into) {
    std::set<std::uint32_t> kept;
    for (auto& group : added)
        for (const auto& one : group.routes) {
            const auto names = track_names(*one.wish);
            const auto at = slots_.find(one.wish->name);
            const auto slot = at != slots_.end() && labels_.keep(at->second, one.wish->label(), names)
                                  ? at->second
                                  : labels_.assign(one.wish->label(), names);
            group.slots.push_back(slot);
            kept.insert(slot);
        }
    std::vector<std::uint32_t> left;
    for (const auto& group : removed)
        for (std::size_t i = 0; i < group.slots.size(); ++i) {
            const auto slot = group.slots[i];
            if (kept.contains(slot)) continue;
            slots_.erase((*group.routes)[i].name);
            into.routes.set(slot, nullptr);
            left.push_back(slot);
        }
    for (const auto& group : added)
        for (std::size_t i = 0; i < group.slots.size(); ++i)
            slots_.insert_or_assign(group.routes[i].wish->name, group.slots[i]);
    return left;
}

void site::declare(const std::vector<draft>& added, const std::vector<held_group>& removed, bool complete) {
    std::vector<const model::route*> routes;
    for (const auto& group : added)
        for (const auto& one : group.routes) routes.push_back(one.wish.get());
    std::vector<std::string> gone;
    for (const auto& group : removed)
        for (const auto& one : *group.routes)
            if (!slots_.contains(one.name)) gone.push_back(one.name);
    authority_.declare(routes, gone);
    if (complete) authority_.settle();
}

void site::put_in_force(draft& one, proxy::snapshot& into, proxy::update& change) {
    for (std::size_t i = 0; i < one.routes.size(); ++i) {
        const auto& wish = *one.routes[i].wish;
        const auto slot = one.slots[i];
        change.taken.push_back(slot);
        change.cuts.push_back({slot, *authority_.cuts_of(wish.name)});
        label(wish.name, change.cuts.back().cuts);
        add_services(change, wish, slot);
        into.routes.set(slot, finish(std::move(one.routes[i]), slot));
    }
    auto& held = groups_[one.of.get()];
    held = {one.of, std::move(*one.table).finish(one.slots), std::move(one.slots)};
    count_names(*held.routes, 1);
    enter_seats(held, change);
}

// The slot is given back with the last snapshot that has the route; workers hand theirs back to the control
// thread.
std::shared_ptr<const proxy::compiled_route> site::finish(drafted_route from, std::uint32_t slot) {
    auto made = std::make_unique<proxy::compiled_route>(proxy::compiled_route{
        slot, std::move(from.wish), std::move(from.chooser)});
    made->policy = std::move(from.policy);
    proxy::compile_bodies(*made);
    made->https = proxy::https_rule::compile(made->wish->https);
    made->timeouts = model::in_force(frame_->timeouts, made->wish->timeouts);
    if (made->wish->retry) made->retry = &*made->wish->retry;
    if (slot_users_.size() <= slot) slot_users_.resize(slot + 1);
    ++slot_users_[slot];
    return {made.release(), [this, alive = alive_, slot](const proxy::compiled_route* gone) {
                delete gone;
                if (*alive) leave_slot(slot);
            }};
}

void site::leave_slot(std::uint32_t slot) {
    if (--slot_users_[slot] == 0) exposition_.retire(slot);
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
    auto tls = make_tls(*frame_, found);
    upstream_targets targets;
    for (const auto& [group, held] : groups_) targets.add(*group, found);
    targets.add(frame_->tracing, found);
    if (has_errors(found)) return found;
    if (tls) show_certificates(*tls);
    targets_ = std::move(targets);
    tracing_.follow(frame_->tracing, targets_.collector());
    proxy::update change;
    change.tls = std::move(tls);
    add_secure_tracks(change);
    fleet_.apply(std::move(change));
    return found;
}

void site::show_certificates(const net::tls_store& store) {
    gauges_.certificates.clear();
    for (const auto& one : store.certificates())
        gauges_.certificates.push_back(
            {one->name, one->hosts.empty() ? std::string{} : one->hosts.front(), one->not_after}
        );
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

void site::show_health(std::uint32_t slot, std::uint32_t count) {
    std::vector<std::optional<observe::track_health>> tracks;
    for (; count > 0 && slot < labels_.slots(); --count, ++slot) {
        const auto* names = labels_.find(slot);
        if (!names) continue;
        tracks.clear();
        const auto* route = current_ ? current_->routes[slot] : nullptr;
        for (const auto& one : names->tracks) {
            const auto* track = route ? route->wish->find_track(one.name) : nullptr;
            tracks.push_back(
                track ? health_.summary(upstream::roster::key_of(*route->wish, *track)) : std::nullopt
            );
        }
        labels_.set_health(slot, tracks);
    }
}

} // namespace adit::cli
