// The trace that an exchange belongs to: continued or begun, told to whoever is asked, and noted down in
// spans: one of the exchange, one of each attempt at an endpoint.
#include "proxy/trace.hpp"

#include "policy/header_edits.hpp"
#include "proxy/exchange.hpp"
#include "proxy/trust.hpp"
#include "proxy/worker.hpp"

#include <utility>

namespace adit::proxy {

namespace {

using observe::span_record;

std::uint64_t draw_id(random_source& random) noexcept {
    for (;;)
        if (const auto id = random.next(); id != 0) return id;
}

std::string_view known_method(http::method verb) noexcept {
    return verb == http::method::other ? std::string_view{} : http::to_text(verb);
}

} // namespace

// Fields that end at this hop are marked already: they are not believed. From here on the client's fields are
// not passed on, where Adit writes its own.
void exchange::begin_trace() {
    const auto& rules = *held_->value->tracing;
    trace_ = &worker_.traces.take();
    auto& now = *trace_;
    using trust = model::tracing::trust;
    const bool believed = rules.continues == trust::all || (rules.continues == trust::trusted && trusted_);
    const auto told = believed ? http::read_traceparent(head_) : std::nullopt;
    now.came_from = told ? told->span : 0;
    if (told) {
        now.own = *told;
    } else {
        now.own.trace_high = worker_.random.next();
        now.own.trace_low = draw_id(worker_.random);
        const bool sampled = worker_.random.below(model::weight::whole) < rules.sample.hundredths;
        now.own.flags = sampled ? http::trace_parent::sampled_flag : 0;
    }
    now.own.span = draw_id(worker_.random);
    now.attempt = 0;
    now.attempt_open = false;
    now.ring = now.own.sampled() && !rules.rings.empty() ? rules.rings[worker_.index()].get() : nullptr;
    now.members.clear();
    if (!rules.propagate) return;
    if (told) http::read_tracestate(head_, now.members);
    for (auto& f : head_.fields())
        f.dropped |= f.id == http::field_id::traceparent || f.id == http::field_id::tracestate;
}

// The next span's parent is the attempt that is under way, or the exchange where another service is asked.
void exchange::write_trace(http::writer& out, const policy::header_edits* edits) const noexcept {
    if (!held_->value->tracing->propagate) return;
    const auto replaced = [&](http::field_id id) { return edits && edits->replaces(id); };
    if (!replaced(http::field_id::traceparent)) {
        auto next = trace_->own;
        if (trace_->attempt_open) next.span = trace_->attempt;
        out << "traceparent: ";
        http::write_traceparent(out, next);
        out << "\r\n";
    }
    if (replaced(http::field_id::tracestate)) return;
    out << "tracestate: " << http::own_trace_member << "=t:" << route_->wish->tracks[track_].name;
    if (!trace_->members.empty()) out << "," << trace_->members;
    out << "\r\n";
}

void exchange::begin_attempt() noexcept {
    note_attempt(failed_count_ > 0 ? failed_[failed_count_ - 1U].reason : http::refusal::none);
    trace_->attempt = draw_id(worker_.random);
    trace_->attempt_open = true;
    if (!trace_->ring) return;
    response_.status = 0; // of the attempt before
    auto& span = trace_->noted;
    span.reset();
    span.started = worker_.loop.now();
    span.attempts = attempts_;
    span.secure = endpoint_->home().tls() != nullptr;
    span.put(span_record::part::endpoint, endpoint_->text());
}

// What is asked of the endpoint, without the query, which may hold secrets.
void exchange::trace_target(std::string_view head) noexcept {
    if (!trace_->ring) return;
    const auto line = head.substr(0, head.find("\r\n"));
    const auto begin = line.find(' ') + 1;
    const auto target = line.substr(begin, line.rfind(' ') - begin);
    trace_->noted.put(span_record::part::path, target.substr(0, target.find('?')));
}

void exchange::end_attempt() noexcept {
    if (!std::exchange(trace_->attempt_open, false) || !trace_->ring) return;
    auto& span = trace_->noted;
    span.ended = worker_.loop.now();
    // Interim answers are none.
    if (received_any_ && response_.status >= 200) span.status = response_.status;
}

// Hands over what is known of the last attempt, which is over: the next one begins, or the exchange ends.
// `reason`: why it came to nothing.
void exchange::note_attempt(http::refusal reason) noexcept {
    if (!trace_->ring || trace_->attempt == 0) return;
    auto& span = trace_->noted;
    describe(span);
    span.kind = span_record::role::client;
    span.id = trace_->attempt;
    span.parent = trace_->own.span;
    // To a client 4xx are errors as well (semantic conventions for HTTP).
    const bool broken = reason != http::refusal::none && reason != http::refusal::client_gone;
    span.failed = span.status >= 400 || broken;
    if (broken) span.error = http::traits(reason).word;
    trace_->ring->push(span);
    trace_->attempt = 0;
}

// What all spans of the exchange have in common.
void exchange::describe(observe::span_record& span) const noexcept {
    span.trace_high = trace_->own.trace_high;
    span.trace_low = trace_->own.trace_low;
    span.flags = trace_->own.flags;
    span.method = known_method(head_.verb);
    if (!route_) return;
    span.put(span_record::part::route, route_->wish->name);
    span.put(span_record::part::track, route_->wish->tracks[track_].name);
}

void exchange::note_exchange() noexcept {
    if (!trace_->ring) return;
    end_attempt();
    note_attempt(refusal_);
    span_record span;
    describe(span);
    span.id = trace_->own.span;
    span.parent = trace_->came_from;
    span.remote_parent = trace_->came_from != 0;
    span.started = started_;
    span.ended = worker_.loop.now();
    span.minor_version = head_.minor_version;
    span.client = remote_address();
    span.secure = is_https();
    span.status = status_;
    span.attempts = attempts_;
    if (route_) span.reason = canary::to_text(choice_.why);
    // A response that was cut off has the status that it began with.
    const bool cut =
        refusal_ != http::refusal::none && refusal_ != http::refusal::client_gone && status_ < 400;
    span.failed = status_ >= 500 || cut;
    if (span.failed && refusal_ != http::refusal::none) span.error = http::traits(refusal_).word;
    if (endpoint_) span.put(span_record::part::endpoint, endpoint_->text());
    span.put(span_record::part::host, head_.authority());
    span.put(span_record::part::path, http::path_or_root(head_));
    trace_->ring->push(span);
}

void exchange::drop_trace() noexcept {
    worker_.traces.give_back(*std::exchange(trace_, nullptr));
}

} // namespace adit::proxy
