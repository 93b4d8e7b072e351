// From the track to a connection: which endpoint, and the line in front of those that are at their limits.
#include "proxy/exchange.hpp"
#include "proxy/trust.hpp"
#include "proxy/worker.hpp"
#include "upstream/request_key.hpp"

#include <algorithm>
#include <utility>

namespace adit::proxy {

upstream::endpoint_set* exchange::endpoints() noexcept {
    auto& tracks = worker_.state_of(route_->slot).tracks;
    return track_ < tracks.size() ? &tracks[track_] : nullptr; // a track may have gone since
}

void exchange::lease(upstream::pool::demand what) {
    demand_ = what;
    auto* set = endpoints();
    if (!set || set->empty()) return lease_spare();
    if (set->plain()) [[likely]]
        return lease_from(*set->pick_next(endpoint_.get()));
    // Who came earlier goes first, unless it waits for one endpoint of many.
    auto* chosen = set->first_waiting() && !set->plan().persistent ? nullptr : pick(*set);
    chosen ? lease_from(*chosen) : wait_for_place(*set);
}

void exchange::lease_spare() {
    auto* spare = pick_default_backend(endpoint_.get());
    spare ? lease_from(*spare) : answer(http::refusal::no_endpoint);
}

// Nobody of the route's own is there: what it names for that case answers in their stead.
upstream::endpoint* exchange::pick_default_backend(const upstream::endpoint* avoid) noexcept {
    if (route_->wish->default_backend.empty()) return nullptr;
    auto& spare = worker_.state_of(route_->slot).service(service_kind::default_backend);
    if (!spare.empty() && attempts_ == 0) worker_.counters().default_backend.add();
    return spare.pick_next(avoid);
}

void exchange::lease_from(upstream::endpoint& chosen) {
    endpoint_ = &chosen;
    ++attempts_;
    received_any_ = request_done_ = request_broken_ = false;
    attempt_at_ = worker_.loop.now();
    sent_at_ = first_byte_at_ = 0;
    sent_upstream_ = 0;
    station_ = station::connecting;
    bound_attempt();
    upstream_ = &chosen.home().lease(*this, demand_);
    if (trace_) begin_attempt();
    ++chosen.in_flight;
    holds_place_ = chosen.holds_places();
    if (upstream_->reused()) return send_request();
    arm_upstream_timer(times_->connect);
}

// By the route's wishes; nullptr when all are at their limits.
upstream::endpoint* exchange::pick(upstream::endpoint_set& set) noexcept {
    const auto& wish = route_->wish->balance_of(route_->wish->tracks[track_]);
    std::array<const upstream::endpoint*, model::retry::max_attempts + 1> tried;
    std::size_t count = 0;
    for (std::size_t i = 0; i < failed_count_; ++i)
        if (!failed_[i].stale) tried[count++] = failed_[i].endpoint.get();
    upstream::endpoint_set::ask by{
        .now = worker_.loop.now(), .random = worker_.random, .avoid = {tried.data(), count}};
    // The set may be of a newer configuration than the exchange.
    if (wish.sticky && set.plan().sticky) {
        const bool anew = count > 0 && wish.sticky->change_on_failure;
        const auto got = set.pick_sticky(by, upstream::sticky_key(head_, *wish.sticky), anew);
        if (got.to && got.issue) {
            issue_sticky_ = true;
            sticky_ = got.value;
        }
        return got.to;
    }
    if (set.plan().by == model::balance::method::hash) {
        const auto client = wish.key == model::balance::hash_by::address
                                ? client_address(head_, client_->peer(), held_->value->trusted)
                                : ip_address{};
        const auto key = wish.by == model::balance::method::hash ? upstream::request_key(head_, wish, client)
                                                                 : std::nullopt;
        by.key = key ? *key : worker_.random.next();
    }
    return set.pick(by);
}

void exchange::wait_for_place(upstream::endpoint_set& set) {
    const bool first = set.first_waiting() == nullptr;
    if (!set.gate() || !set.gate()->join(worker_.index(), set.plan().max_pending))
        return answer(http::refusal::endpoints_full);
    station_ = station::waiting;
    set.join(*this);
    in_line_ = true;
    counters_->pending.add();
    // Who leaves meanwhile leaves the line.
    if (request_body_.finished() && body_at_ == input_end_) client_->watch();
    worker_.loop.set(timer_, route_->wish->balance_of(route_->wish->tracks[track_]).pending_timeout);
    // A place may have become free between the look and the joining, or lie idle in another worker's pool.
    worker_.look_after({route_->slot, track_}, first && set.plan().max_connections != 0);
}

// True when it no longer waits.
bool exchange::place_free() {
    auto& set = *endpoints();
    auto* chosen = set.empty() ? nullptr : pick(set);
    if (!chosen && !set.empty()) return false;
    leave_line();
    worker_.loop.cancel(timer_);
    chosen ? lease_from(*chosen) : lease_spare();
    return true;
}

void exchange::leave_line() noexcept {
    if (!in_line_) return;
    in_line_ = false;
    counters_->pending.subtract();
    auto& set = *endpoints(); // a track that goes asks its line before
    set.quit(*this);
    set.gate()->quit(worker_.index(), set.first_waiting() == nullptr);
}

// Without a word: what comes from this connection is not wanted any more.
void exchange::drop_upstream() {
    if (!upstream_) return;
    last_was_reused_ = upstream_->reused();
    worker_.loop.cancel(timer_);
    to_upstream_.clear();
    std::exchange(upstream_, nullptr)->give_back(false);
    leave_endpoint();
}

// The attempt is over; which endpoint it was is remembered until the exchange is.
void exchange::leave_endpoint() noexcept {
    --endpoint_->in_flight;
    if (trace_) end_attempt();
    if (!endpoint_->plan().limited()) [[likely]]
        return;
    if (std::exchange(holds_place_, false)) endpoint_->state()->leave_place();
    worker_.look_after({route_->slot, track_}, false);
}

// How long the endpoint took to its answer.
void exchange::measure() noexcept {
    if (endpoint_->plan().by == model::balance::method::peak_ewma)
        endpoint_->latency.add(worker_.loop.now() - sent_at_, worker_.loop.now());
}

// What an attempt tells about its endpoint; once for each.
void exchange::note(upstream::outcome what) {
    const auto& plan = endpoint_->plan();
    if (!plan.watched()) [[likely]]
        return;
    if (plan.by == model::balance::method::peak_ewma && what != upstream::outcome::good) {
        const auto now = worker_.loop.now();
        const auto took = what == upstream::outcome::connect_failure ? instant{0} : now - sent_at_;
        endpoint_->latency.add(std::max(took, upstream::peak_ewma::failure_cost), now);
    }
    if (plan.failures.any() && endpoint_->state() && endpoint_->state()->note(what, plan.failures))
        worker_.tell_failing(endpoint_->entry().state, what);
}

} // namespace adit::proxy
