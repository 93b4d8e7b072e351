// How exchanges end: with an answer of our own, properly, or cut off.
#include "http/local_answer.hpp"
#include "proxy/exchange.hpp"
#include "proxy/login_check.hpp"
#include "proxy/worker.hpp"

#include <utility>

namespace adit::proxy {

namespace {

constexpr std::uint16_t status_client_gone = 499; // in counters only; the word is nginx's

} // namespace

void exchange::answer(http::refusal reason, answer_extra extra) {
    const auto& row = http::traits(reason);
    if (response_started_ || row.status == 0) return cut(reason);
    refusal_ = reason;
    worker_.counters().refusal(static_cast<std::uint8_t>(reason)).add();
    leave_line();
    drop_upstream();
    if (row.closes) keep_alive_ = false;
    settle_request();
    send_error(extra.status != 0 ? extra.status : row.status, reason, extra.fields);
}

// What becomes of the request's body when no upstream is to have it, and with it of the connection.
void exchange::settle_request() noexcept {
    // A body that is here already is skipped; one that is not would have to be waited for.
    if (!body_started_ && keep_alive_ && !request_body_.finished()) {
        body_at_ += request_body_.take(input_.data() + body_at_, input_end_ - body_at_).consumed;
        body_started_ = true;
    }
    if (!request_body_.finished()) keep_alive_ = false;
    if (worker_.draining()) keep_alive_ = false;
}

// For an answer of our own, after settle_request().
http::answer_context exchange::own_context(bool with_own_fields) {
    return {
        .date = worker_.loop.date(),
        .request_id = route_ ? request_id() : std::string_view{},
        .keep_alive = keep_alive_,
        .without_body = head_.verb == http::method::head,
        .problem_json = head_end_ > 0 && http::wants_problem_json(head_),
        .minor_version = head_.minor_version,
        .retry_after = retry_after_,
        .more = with_own_fields && route_ && route_->policy ? own_fields() : std::string_view{}};
}

void exchange::answer_options() {
    http::writer out{worker_.scratch(), worker::settings::scratch_size};
    if (!request_body_.finished() || worker_.draining()) keep_alive_ = false;
    http::write_options(
        out, {.date = worker_.loop.date(),
              .request_id = {},
              .keep_alive = keep_alive_,
              .minor_version = head_.minor_version}
    );
    status_ = 200;
    send_answer(out.text());
}

// `text` may lie in scratch memory; `content` is borrowed until it is sent.
void exchange::send_answer(std::string_view text, std::string_view content) {
    station_ = station::answering;
    worker_.loop.cancel(timer_);
    response_body_.begin(http::body_kind::none, 0);
    response_started_ = true;
    if (worker_.is_recording()) [[unlikely]]
        head_out_ += text.find("\r\n\r\n") + 4;
    to_client_.add(text);
    to_client_.add(content);
    flush_response();
}

void exchange::client_closed() {
    if (tunnel_) {
        client_ended_ = true;
        if (to_upstream_.empty()) tunnel_drained_up();
        return;
    }
    if (!request_body_.finished()) return client_broke(); // the rest of the body will never come
    arm_client_timer(false);
}

void exchange::client_leaves() {
    if (!tunnel_) arm_client_timer(false);
}

void exchange::client_broke() {
    if (station_ == station::over) return;
    cut(http::refusal::client_gone);
}

// The response cannot be completed: the client sees the connection end where more was announced.
void exchange::cut(http::refusal reason) {
    refusal_ = reason;
    worker_.counters().refusal(static_cast<std::uint8_t>(reason)).add();
    if (!response_started_)
        status_ = status_client_gone;
    else if (station_ == station::carrying)
        status_ = response_.status;
    const bool unread = reason == http::refusal::send_timeout || reason == http::refusal::send_too_slow;
    end(reset_needed_ || unread ? client::ending::reset : client::ending::close);
}

void exchange::finish() {
    if (station_ == station::carrying) status_ = response_.status;
    const bool whole = request_body_.finished() || tunnel_;
    // What was refused may still be arriving: a plain close would reset the answer on its way.
    const bool more_may_come = !whole || refusal_ != http::refusal::none || parting_ != parting::none;
    end(keep_alive_ && whole ? client::ending::keep
        : more_may_come      ? client::ending::linger
                             : client::ending::close);
}

void exchange::record() {
    if (!counters_) return;
    leave_line(); // it has been counted among those of the track
    if (attempts_ > 1 && refusal_ == http::refusal::none &&
        !(route_->retry && route_->retry->on_status(status_)))
        counters_->retry_successes.add();
    counters_->requests.add(static_cast<std::uint8_t>(head_.verb), status_);
    counters_->request_duration.record(static_cast<std::uint64_t>(worker_.loop.now() - started_));
    counters_->bytes_in.add(bytes_in_ - (input_end_ - body_at_));
    counters_->bytes_out.add(bytes_out_);
    counters_->in_flight.subtract();
    counters_ = nullptr;
}

void exchange::end(client::ending how) {
    if (upstream_ && sent_at_ != 0)
        counters_->upstream_duration.record(static_cast<std::uint64_t>(worker_.loop.now() - sent_at_));
    if (worker_.is_recording()) [[unlikely]]
        tell_end();
    record();
    if (trace_) note_exchange();
    const auto rest_at = body_at_, rest_size = input_end_ - body_at_;
    let_go();
    // The last thing done: the client may begin the next exchange in this very object.
    client_->exchange_ended(how, rest_at, rest_size);
}

void exchange::abandon() {
    if (station_ == station::over) return;
    if (worker_.is_recording() && held_) tell_end(true);
    let_go();
}

void exchange::let_go() {
    station_ = station::over;
    leave_line();
    drop_upstream();
    worker_.loop.cancel(timer_);
    worker_.loop.cancel(whole_timer_);
    if (delivery_.began()) delivery_.reset();
    body_pace_.reset();
    if (in_budget_) leave_budget();
    while (failed_count_ > 0) failed_[--failed_count_] = {};
    kept_head_.reset();
    if (counted_) worker_.discount_exchange();
    counted_ = false;
    if (counters_) counters_->in_flight.subtract();
    counters_ = nullptr;
    if (!places_.empty()) places_.give_back();
    if (login_) std::exchange(login_, nullptr)->whom = nullptr;
    to_client_.clear();
    to_upstream_.clear();
    if (compressor_) drop_compressor();
    if (auth_) drop_authorisation();
    if (gathered_) drop_gathered();
    if (page_) drop_page();
    if (trace_) drop_trace();
    output_.reset();
    endpoint_ = nullptr;
    route_ = nullptr;
    if (held_) worker_.leave_snapshot(*std::exchange(held_, nullptr));
}

} // namespace adit::proxy
