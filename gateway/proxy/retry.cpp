// Whether a failed attempt is followed by another one. Nothing of a request that is sent again may differ
// from the first time, and nothing may have gone to the client: not even an interim answer.
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

namespace {

using observe::retry_reason;

constexpr std::uint8_t most_stale = 2;      // pooled connections found closed, one after the other
constexpr std::uint8_t silent_attempts = 2; // of a route without rules, when connections do not come up

bool asks_for(const model::retry& rules, retry_reason why) noexcept {
    switch (why) {
    case retry_reason::connect: return rules.on_connect;
    case retry_reason::reset: return rules.on_reset;
    case retry_reason::timeout: return rules.on_timeout;
    case retry_reason::bad_response: return rules.on_bad_response;
    default: return false;
    }
}

retry_reason reason_of(http::refusal failure) noexcept {
    switch (failure) {
    case http::refusal::connect_failed:
    case http::refusal::connect_timeout:
    case http::refusal::upstream_tls:
    case http::refusal::upstream_tls_timeout: return retry_reason::connect;
    case http::refusal::first_byte_timeout:
    case http::refusal::attempt_timeout: return retry_reason::timeout;
    case http::refusal::bad_response: return retry_reason::bad_response;
    default: return retry_reason::reset;
    }
}

} // namespace

bool exchange::replayable() const noexcept {
    const bool body_at_hand =
        gathered_ || sent_upstream_ == 0 || (whole_body_at_once_ && request_body_.finished());
    return body_at_hand && !response_started_ && bytes_out_ == said_ && to_client_.empty();
}

// RFC 9110 §9.2.2: what may be sent twice. Of what was never sent anything may.
bool exchange::repeatable() const noexcept {
    return sent_upstream_ == 0 || http::is_idempotent(head_.verb) ||
           (route_->retry && route_->retry->non_idempotent);
}

// Attempts, time and the budget, which is asked last: a place in it is kept until the exchange is over.
bool exchange::take_retry() noexcept {
    const auto& rules = *route_->retry;
    if (attempts_ - stale_ >= static_cast<int>(rules.attempts)) return false;
    if (rules.within.count() != 0 && worker_.loop.now() - started_ >= from(rules.within)) return false;
    if (retrying_) return true;
    retrying_ = worker_.state_of(route_->slot).budget.take(rules.budget_percent, rules.budget_min);
    if (!retrying_) counters_->retry_budget_exhausted.add();
    return retrying_;
}

void exchange::retry_or_fail(http::refusal reason) {
    if (!replayable()) return answer(reason);
    auto why = reason_of(reason);
    // RFC 9112 §9.3.1: a connection that had grown stale in the pool says nothing about the request.
    const bool stale = why == retry_reason::reset && last_was_reused_ && !received_any_ &&
                       stale_ < most_stale && (http::is_idempotent(head_.verb) || sent_upstream_ == 0);
    if (stale) {
        ++stale_;
        return retry(retry_reason::stale, {.endpoint = endpoint_, .reason = reason, .stale = true});
    }
    const bool again = route_->retry ? asks_for(*route_->retry, why) && repeatable() && take_retry()
                                     : why == retry_reason::connect && attempts_ < silent_attempts;
    if (!again) return answer(reason);
    retry(why, {.endpoint = endpoint_, .reason = reason});
}

// True when the response that has begun is not the one for the client.
bool exchange::retry_by_status() {
    if (!route_->retry->on_status(response_.status) || !replayable() || !repeatable() || !take_retry())
        return false;
    const auto status = response_.status;
    discard_response();
    retry(retry_reason::status, {.endpoint = endpoint_, .status = status});
    return true;
}

// A short one that is here as a whole costs no connection.
void exchange::discard_response() {
    const auto frame = http::response_framing(response_, head_.verb);
    const auto options = http::mark_hop_by_hop(response_);
    const auto here = output_end_ - response_.size;
    const bool whole = frame.reason == http::refusal::none && request_done_ &&
                       (frame.kind == http::body_kind::none     ? here == 0
                        : frame.kind == http::body_kind::length ? here == frame.length
                                                                : false);
    const bool keeps = response_.minor_version >= 1 ? !options.close : options.keep_alive;
    counters_->upstream_duration.record(static_cast<std::uint64_t>(worker_.loop.now() - sent_at_));
    if (!whole || !keeps || worker_.draining()) return drop_upstream();
    last_was_reused_ = upstream_->reused();
    worker_.loop.cancel(timer_);
    std::exchange(upstream_, nullptr)->give_back(true);
    leave_endpoint();
}

void exchange::retry(observe::retry_reason why, failed_attempt failed) {
    counters_->retry(why).add();
    if (compressor_) drop_compressor(); // of a response that was begun and did not fit
    if (failed_count_ < failed_.size()) failed_[failed_count_++] = std::move(failed);
    // Where pooled connections are found closed one after the other, the last word is a new one's.
    lease(stale_ == most_stale ? upstream::pool::demand::fresh : upstream::pool::demand::checked);
}

// Requests of routes that retry count towards what the budget is a share of.
void exchange::enter_budget() noexcept {
    worker_.state_of(route_->slot).budget.enter();
    in_budget_ = true;
}

void exchange::leave_budget() noexcept {
    auto& budget = worker_.state_of(route_->slot).budget;
    budget.leave();
    if (retrying_) budget.give_back();
    in_budget_ = retrying_ = false;
}

} // namespace adit::proxy
