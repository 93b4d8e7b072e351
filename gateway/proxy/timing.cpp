// What time does to an exchange: every wait ends at a setting of its own, which has a counter of its own.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

#include <algorithm>

namespace adit::proxy {

namespace {

// After the client has ended its side we cannot know whether it still reads (RFC 9112 §9.6 lets it) or is
// gone: what makes progress within this time is delivered, what does not is given up and the upstream told
// so.
constexpr std::chrono::seconds half_closed_patience{4};

} // namespace

void exchange::timed_out(observe::timeout_kind which) noexcept {
    worker_.counters().timeout(which).add();
}

void exchange::on_timer() {
    using observe::timeout_kind;
    switch (station_) {
    case station::waiting: timed_out(timeout_kind::pending), answer(http::refusal::pending_timeout); break;
    case station::connecting:
        if (attempt_ends_ != 0 && worker_.loop.now() >= attempt_ends_) return attempt_timed_out();
        connecting_timed_out();
        break;
    case station::carrying:
        if (parting_ == parting::said) return finish(); // it has been waited for
        if (tunnel_) return timed_out(timeout_kind::tunnel_idle), cut(http::refusal::tunnel_idle);
        if (response_started_) return timed_out(timeout_kind::response), cut(http::refusal::response_timeout);
        if (attempt_ends_ != 0 && worker_.loop.now() >= attempt_ends_) return attempt_timed_out();
        if (expects_) return continue_ourselves();
        timed_out(timeout_kind::first_byte);
        counters_->upstream_failures.add();
        note(upstream::outcome::server_error);
        drop_upstream();
        retry_or_fail(http::refusal::first_byte_timeout);
        break;
    default: break;
    }
}

// The connection, or the handshake on it, took too long.
void exchange::connecting_timed_out() {
    counters_->connect_failures.add();
    const bool secure = upstream_->tls() != nullptr;
    timed_out(secure ? observe::timeout_kind::tls_handshake : observe::timeout_kind::connect);
    if (secure)
        worker_.counters().tls_upstreams.failed[static_cast<std::size_t>(observe::tls_failure::timeout)].add(
        );
    note(upstream::outcome::connect_failure);
    drop_upstream();
    retry_or_fail(secure ? http::refusal::upstream_tls_timeout : http::refusal::connect_timeout);
}

void exchange::attempt_timed_out() {
    timed_out(observe::timeout_kind::attempt);
    const bool connecting = station_ == station::connecting;
    (connecting ? counters_->connect_failures : counters_->upstream_failures).add();
    note(connecting ? upstream::outcome::connect_failure : upstream::outcome::server_error);
    drop_upstream();
    retry_or_fail(http::refusal::attempt_timeout);
}

// From the choice of the endpoint on.
void exchange::bound_attempt() noexcept {
    attempt_ends_ = route_->retry && route_->retry->per_try_timeout.count() != 0
                        ? worker_.loop.now() + from(route_->retry->per_try_timeout)
                        : 0;
}

// For what the upstream does next, and within the time of the attempt if that has one.
void exchange::arm_upstream_timer(std::chrono::nanoseconds time) noexcept {
    if (attempt_ends_ != 0) [[unlikely]]
        time = std::min(
            time, std::chrono::nanoseconds(std::max<instant>(1, attempt_ends_ - worker_.loop.now()))
        );
    worker_.loop.set(timer_, time);
}

// Counted from the first byte of the request.
void exchange::bound_exchange() noexcept {
    if (times_->exchange == std::chrono::milliseconds::zero()) return;
    const auto left = started_ + from(times_->exchange) - worker_.loop.now();
    worker_.loop.set(whole_timer_, std::chrono::nanoseconds(std::max<instant>(1, left)));
}

void exchange::on_whole_timer() {
    timed_out(observe::timeout_kind::exchange);
    answer(http::refusal::exchange_timeout);
}

policy::pace_bounds exchange::pace_of(std::chrono::milliseconds idle) const noexcept {
    return {.idle = from(idle), .grace = from(times_->rate_grace), .rate = times_->min_rate};
}

void exchange::arm_client_timer(bool reading_body) {
    auto& loop = worker_.loop;
    const auto now = loop.now();
    if (client_->leaving() && !tunnel_) {
        loop.set(client_->timer(), half_closed_patience);
    } else if (!to_client_.empty()) {
        loop.set(client_->timer(), std::chrono::nanoseconds(delivery_.left(now, pace_of(times_->send))));
    } else if (reading_body && !tunnel_) {
        body_pace_.wait(now);
        loop.set(client_->timer(), std::chrono::nanoseconds(body_pace_.left(now, pace_of(times_->body))));
    } else {
        loop.cancel(client_->timer());
    }
}

void exchange::client_timed_out() {
    if (client_->leaving() && !tunnel_) return cut(http::refusal::client_gone);
    if (!to_client_.empty()) return judge_delivery();
    if (!request_body_.finished()) return judge_body();
}

void exchange::judge_body() {
    using verdict = policy::pace::verdict;
    switch (body_pace_.judge(worker_.loop.now(), pace_of(times_->body))) {
    case verdict::moving: return arm_client_timer(true);
    case verdict::idle: timed_out(observe::timeout_kind::body); return answer(http::refusal::body_timeout);
    case verdict::slow:
        timed_out(observe::timeout_kind::body_rate);
        return answer(http::refusal::body_too_slow);
    }
}

void exchange::judge_delivery() {
    using verdict = policy::pace::verdict;
    const auto queued = client_->stream().unsent();
    switch (delivery_.look(worker_.loop.now(), queued, pace_of(times_->send))) {
    case verdict::moving: return arm_client_timer(false);
    case verdict::idle: timed_out(observe::timeout_kind::send); return cut(http::refusal::send_timeout);
    case verdict::slow: timed_out(observe::timeout_kind::send_rate); return cut(http::refusal::send_too_slow);
    }
}

} // namespace adit::proxy
