// Requests that wait for a place at an endpoint: who is asked when one may be free, on this worker and on
// others.
#include "proxy/worker.hpp"

#include <algorithm>
#include <utility>

namespace adit::proxy {

upstream::endpoint_set* worker::find(track_place where) noexcept {
    if (where.slot >= routes_.size() || where.track >= routes_[where.slot].tracks.size()) return nullptr;
    return &routes_[where.slot].tracks[where.track];
}

void worker::look_after(track_place where, bool shed) {
    auto& places = lines_.places;
    if (std::find(places.begin(), places.end(), where) == places.end()) {
        if (places.empty()) loop.later(lines_);
        places.push_back(where);
    }
    if (!shed) return;
    for (auto* other : workers_)
        if (other != this)
            other->loop.post([other, where] {
                if (auto* set = other->find(where)) set->close_idle();
                other->serve(where);
            });
}

void worker::line_server::resume() {
    // What is asked for meanwhile gets its turn in the next one.
    auto now = std::move(places);
    places.clear();
    for (const auto& one : now) home_.serve(one);
}

// The worker whose turn it is asks its line; an idle connection that it may need is closed first. Places that
// are left when its line is empty go to the next.
void worker::serve(track_place where) {
    auto* set = find(where);
    if (set && set->gate() && set->plan().persistent) return serve_everywhere(where);
    while (set && set->gate()) {
        const auto turn = set->gate()->turn();
        if (turn == upstream::track_gate::nobody) return;
        if (turn != index_) return pass_on(where, turn);
        set->serve();
        if (set->first_waiting()) return;
    }
}

// Who is bound to one endpoint cannot take the place of another: whose turn it is does not say who can.
void worker::serve_everywhere(track_place where) {
    auto& set = *find(where);
    set.serve();
    bool alone = true;
    for (auto* other : workers_) {
        if (other == this || !set.gate()->waits(other->index_)) continue;
        if (std::exchange(alone, false) && set.plan().max_connections != 0) set.close_idle();
        other->loop.post([other, where] {
            if (auto* there = other->find(where)) there->serve();
        });
    }
}

void worker::pass_on(track_place where, unsigned turn) {
    auto& set = *find(where);
    if (set.plan().max_connections != 0) set.close_idle();
    if (turn >= workers_.size()) return;
    workers_[turn]->loop.post([other = workers_[turn], where] {
        auto* there = other->find(where);
        if (!there) return;
        there->serve();
        if (!there->first_waiting()) other->look_after(where, false);
    });
}

// Tracks that the next configuration does not have: their requests hear so while there is a track to leave.
void worker::empty_lines(const update& change) {
    for (const auto slot : change.taken) {
        if (slot >= routes_.size()) continue;
        auto& tracks = routes_[slot].tracks;
        for (auto i = change.snapshot->routes[slot]->wish->tracks.size(); i < tracks.size(); ++i) {
            tracks[i].clear();
            tracks[i].serve();
        }
    }
}

void worker::tell_failing(std::shared_ptr<upstream::endpoint_state> one, upstream::outcome what) {
    if (failing_) to_control_([this, one = std::move(one), what] { failing_(one, what); });
}

} // namespace adit::proxy
