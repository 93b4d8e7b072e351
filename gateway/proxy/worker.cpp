#include "proxy/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace adit::proxy {

worker::worker(unsigned index, control_poster to_control, pressure& shared)
    : pools(loop, counters_, tls_wire),
      index_(index),
      to_control_(std::move(to_control)),
      pressure_(shared),
      scratch_(std::make_unique<char[]>(settings::scratch_size)) {
    // Until the first update there is a configuration that knows nothing.
    complaints none;
    held_.push_back(std::make_unique<held_snapshot>());
    current_ = held_.back().get();
    current_->value = std::make_shared<const snapshot>(*route::table::compile({}, none));
}

worker::~worker() {
    stop();
}

void worker::start() {
    thread_ = std::thread([this] { loop.run(); });
}

void worker::stop() {
    if (!thread_.joinable()) return;
    loop.post([this] {
        for (auto& one : listeners_) one->socket->stop();
        while (open_) open_->abort();
        pools.close_idle();
        loop.stop();
    });
    thread_.join();
}

void worker::add_listener(
    std::size_t number, int descriptor, net::sharing with, std::shared_ptr<const entrance> door
) {
    loop.post([this, number, descriptor, with, door = std::move(door)]() mutable {
        auto one = std::make_unique<front>();
        one->number = number;
        one->door = std::move(door);
        one->socket = std::make_unique<net::listener>(
            loop, descriptor, with,
            [this, at = one.get()](const net::accepted& connection) {
                return accept(connection, at->door.get());
            },
            counters_.accept_pauses
        );
        one->socket->start();
        listeners_.push_back(std::move(one));
    });
}

void worker::change_listeners(std::size_t number, std::shared_ptr<const entrance> door) {
    loop.post([this, number, door = std::move(door)] {
        for (auto& one : listeners_)
            if (one->number == number) one->door = door;
    });
}

// False where descriptors run out: the listener rests, before the kernel has none left.
bool worker::accept(const net::accepted& connection, const entrance* door) {
    counters_.accepted.add();
    const auto reason = admit(connection.descriptor);
    const bool admitted = reason == http::refusal::none;
    const bool go_on = reason != http::refusal::overloaded_descriptors;
    if (!admitted) {
        counters_.refusal(static_cast<std::uint8_t>(reason)).add();
        if (turned_away_ == settings::most_turned_away) {
            ::close(connection.descriptor);
            counters_.closed.add();
            return go_on;
        }
        ++turned_away_;
    }
    auto& one = clients_.take(*this);
    one.previous_ = nullptr;
    one.next_ = open_;
    if (open_) open_->previous_ = &one;
    open_ = &one;
    ++open_count_;
    one.admitted_ = admitted;
    if (admitted)
        one.start(connection.descriptor, connection.peer, connection.local_port, door);
    else
        one.turn_away(connection.descriptor, reason, door);
    return go_on;
}

void worker::give_back(client& one) noexcept {
    if (one.previous_)
        one.previous_->next_ = one.next_;
    else if (open_ == &one)
        open_ = one.next_;
    if (one.next_) one.next_->previous_ = one.previous_;
    one.previous_ = one.next_ = nullptr;
    counters_.closed.add();
    if (one.admitted_)
        pressure_.connections.fetch_sub(1, std::memory_order_relaxed);
    else
        --turned_away_;
    --open_count_;
    clients_.give_back(one);
    note_drained();
}

void worker::apply(std::shared_ptr<const update> change, std::function<void()> done) {
    loop.post([this, change = std::move(change), done = std::move(done)]() mutable {
        take(*change);
        // Freed where it was made: with the last reference goes the snapshot that it replaced.
        to_control_([change = std::move(change), done = std::move(done)] { done(); });
    });
}

void worker::take(const update& change) {
    if (change.snapshot) {
        empty_lines(change);
        auto* before = current_;
        held_.push_back(std::make_unique<held_snapshot>());
        current_ = held_.back().get();
        current_->value = change.snapshot;
        pools.idle_timeout(change.snapshot->timeouts.upstream_idle);
        take_routes(change);
        ++before->exchanges;
        leave_snapshot(*before);
    }
    for (const auto& one : change.cuts) routes_[one.slot].cuts = one.cuts;
    for (const auto& one : change.endpoints) take_endpoints(one);
    for (const auto& one : change.health) {
        if (auto* set = find({one.slot, one.track})) set->refresh();
        look_after({one.slot, one.track}, false);
    }
    if (change.tls) {
        auto before = std::exchange(tls_, change.tls);
        to_control_([dropped = std::move(before)]() mutable { dropped.reset(); });
    }
    for (const auto& one : change.services)
        routes_[one.slot].service(one.which).replace(pools, *one.list, {}, nullptr, index_);
    if (!change.cuts.empty()) counters_.weight_updates.add();
}

void worker::take_routes(const update& change) {
    for (const auto slot : change.taken) {
        if (routes_.size() <= slot) routes_.resize(slot + 1);
        auto& here = routes_[slot];
        const auto tracks = change.snapshot->routes[slot]->wish->tracks.size();
        if (here.asleep())
            here.promised.resize(tracks);
        else
            here.tracks.resize(tracks);
        here.auth_known.reset(); // what it was asked for may have become something else
    }
    for (const auto slot : change.left) left_.emplace_back(change.snapshot->generation, slot);
}

void worker::leave_snapshot(held_snapshot& held) {
    if (--held.exchanges > 0 || &held == current_) return;
    const auto at =
        std::find_if(held_.begin(), held_.end(), [&](const auto& one) { return one.get() == &held; });
    auto dropped = std::move((*at)->value);
    held_.erase(at);
    forget_routes();
    to_control_([dropped = std::move(dropped)]() mutable { dropped.reset(); });
}

void worker::take_endpoints(const update::track_endpoints& one) {
    auto& here = routes_[one.slot];
    if (here.asleep()) {
        here.promised[one.track] = {one.list, one.gate};
        return;
    }
    give_endpoints(*current().routes[one.slot], one.track, *one.list, one.gate);
    look_after({one.slot, one.track}, false);
}

void worker::give_endpoints(
    const compiled_route& route, std::uint8_t track, const endpoint_list& list,
    std::shared_ptr<upstream::track_gate> gate
) {
    const auto& wish = *route.wish;
    routes_[route.slot].tracks[track].replace(
        pools, list, upstream::make_plan(wish.balance_of(wish.tracks[track]), wish.health), std::move(gate),
        index_
    );
}

void worker::wake(const compiled_route& route) {
    auto& here = routes_[route.slot];
    const auto promised = std::exchange(here.promised, {});
    here.tracks.resize(promised.size());
    // What was promised is for the route that is in force now.
    const auto* now = current().routes[route.slot];
    const auto& in_force = now ? *now : route;
    for (std::size_t i = 0; i < std::min(promised.size(), in_force.wish->tracks.size()); ++i)
        if (promised[i].list)
            give_endpoints(in_force, static_cast<std::uint8_t>(i), *promised[i].list, promised[i].gate);
}

// Endpoints of routes that no snapshot knows any more: nobody would ever close their idle connections.
void worker::forget_routes() {
    const auto oldest = held_.front()->value->generation;
    auto at = left_.begin();
    for (; at != left_.end() && at->first <= oldest; ++at) {
        auto& here = routes_[at->second];
        for (auto& track : here.tracks) track.clear();
        here = {};
    }
    left_.erase(left_.begin(), at);
}

void worker::record(proxy::recording to, std::function<void()> done) {
    loop.post([this, to = std::move(to), done = std::move(done)]() mutable {
        std::swap(recording_, to);
        to_control_([before = std::move(to), done = std::move(done)] { done(); });
    });
}

void worker::trim() {
    loop.post([this] { blocks.trim(); });
}

void worker::announce_drain() {
    loop.post([this] { announce(); });
}

void worker::announce() noexcept {
    if (draining_) return;
    draining_ = true;
    announced_ = loop.now();
}

void worker::drain(std::function<void()> drained) {
    loop.post([this, drained = std::move(drained)]() mutable {
        announce();
        closing_ = true;
        drained_ = std::move(drained);
        for (auto& one : listeners_) one->socket->stop();
        for (auto* one = open_; one != nullptr;) {
            auto* next = one->next_;
            one->drain();
            one = next;
        }
        pools.close_idle();
        note_drained();
    });
}

void worker::note_drained() {
    if (closing_ && open_count_ == 0 && drained_) to_control_(std::exchange(drained_, nullptr));
}

} // namespace adit::proxy
