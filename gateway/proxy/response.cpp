// The way of the response: from the upstream's socket to the client's.
#include "http/trailers.hpp"
#include "policy/route_policy.hpp"
#include "proxy/exchange.hpp"
#include "proxy/head_room.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/error.hpp>

#include <cstring>

namespace adit::proxy {

namespace {
constexpr std::uint8_t max_interims = 16; // 1xx answers before the final one
constexpr int reads_in_a_row = 8;         // before others get their turn
constexpr http::head_limits response_limits{.first_line = 8 * 1024, .head = 56 * 1024};
} // namespace

void exchange::upstream_read(const net::error_code& error, std::size_t size) {
    if (tunnel_) return tunnel_upstream_read(error, size);
    if (error) return upstream_ended(error == boost::asio::error::eof);
    received_any_ = true;
    const bool full = size == output_.size() - output_end_;
    output_end_ += size;
    if (!response_started_) return scan_response();
    relay(full);
}

void exchange::scan_response() {
    for (;;) {
        switch (response_scanner_.scan(response_, {output_.data(), output_end_}, response_limits)) {
        case http::progress::more:
            if (output_end_ == output_.size()) return upstream_is_wrong();
            return upstream_->read_into(output_.data() + output_end_, output_.size() - output_end_);
        case http::progress::refused: return upstream_is_wrong();
        case http::progress::done: break;
        }
        if (response_.status >= 200) {
            first_byte_at_ = worker_.loop.now();
            measure();
            if (response_.status >= 500) note(upstream::outcome::server_error);
            if (response_.status >= model::retry::first_status && route_->retry && retry_by_status()) return;
            return begin_response();
        }
        if (response_.status == 101) return switch_protocols();
        if (++interims_ > max_interims) return upstream_is_wrong();
        if (!pass_interim()) return;
        output_end_ -= response_.size;
        std::memmove(output_.data(), output_.data() + response_.size, output_end_);
        response_.clear();
        response_scanner_ = {};
    }
}

void exchange::upstream_is_wrong() {
    counters_->upstream_failures.add();
    note(upstream::outcome::server_error);
    drop_upstream();
    retry_or_fail(http::refusal::bad_response);
}

// RFC 9110 §15.2: 1xx go on to clients that know them. False when the exchange has ended.
bool exchange::pass_interim() {
    if (response_.status == 100) {
        if (!expects_) return true; // nobody waits, or we have answered in its stead
        expects_ = false;
        await_first_byte();
    }
    if (head_.minor_version == 0 || !to_client_.empty() || response_.size > max_interim_head) return true;
    http::mark_hop_by_hop(response_);
    http::writer out{worker_.scratch(), worker::settings::scratch_size};
    out << "HTTP/1.1 ";
    out.decimal(response_.status) << " " << http::status_phrase(response_.status) << "\r\n";
    out.kept_fields(response_) << "\r\n";
    head_out_ += out.text().size();
    to_client_.add(out.text());
    flush_response();
    return station_ == station::carrying;
}

// What Adit says about its choice, where the route asks for it.
void exchange::write_tellings(http::writer& out) {
    const auto& wish = *route_->wish;
    const std::string_view name = wish.tracks[track_].name;
    if (route_->https) write_hsts(out);
    if (wish.tell_server_timing) out << "Server-Timing: adit;desc=\"" << name << "\"\r\n";
    if (!wish.tell_header.empty()) out.line(wish.tell_header, name);
    if (auth_) out << auth_cookies();
    if (choice_.issue_cookie) {
        char room[canary::chooser::set_cookie_capacity];
        const auto cookie = route_->chooser.write_set_cookie(choice_, room, is_https());
        if (!cookie.empty()) out.line("Set-Cookie", cookie);
    }
    if (issue_sticky_) [[unlikely]] {
        char room[upstream::sticky_cookie_capacity];
        const auto& track = wish.tracks[track_];
        const auto cookie = upstream::write_sticky_cookie(
            *wish.balance_of(track).sticky, sticky_,
            {.tag = wish.sticky_tag_of(track), .secure = is_https(), .now = worker_.loop.wall_time()}, room
        );
        if (!cookie.empty()) out.line("Set-Cookie", cookie);
    }
}

void exchange::write_response_framing(http::writer& out, const http::response_frame& frame, bool chunked) {
    if (chunked)
        out << "Transfer-Encoding: chunked\r\n";
    else if (frame.has_length && response_.status != 204) {
        out << "Content-Length: ";
        out.decimal(frame.length) << "\r\n";
    }
    if (!keep_alive_)
        out << "Connection: close\r\n";
    else if (head_.minor_version == 0)
        out << "Connection: keep-alive\r\n";
    out << "\r\n";
}

void exchange::begin_response() {
    auto frame = http::response_framing(response_, head_.verb);
    if (frame.reason != http::refusal::none) return upstream_is_wrong();
    expects_ = false;
    const auto options = http::mark_hop_by_hop(response_);
    upstream_keeps_ = response_.minor_version >= 1 ? !options.close : options.keep_alive;
    if (frame.kind == http::body_kind::until_close) upstream_keeps_ = false;
    response_body_.begin(frame.kind, frame.length);
    if (response_.status >= 400 && pages_in_force() && intercept()) return;
    policy::compression::decision coded;
    if (route_->compression) coded = begin_compression(frame);
    const bool unsized =
        frame.kind == http::body_kind::chunked || frame.kind == http::body_kind::until_close || compressor_;
    const bool chunked = unsized && head_.minor_version >= 1;
    if (unsized && !chunked) keep_alive_ = false, reset_needed_ = true;
    // An early answer: the rest of the request would have to be read for the sake of the next one.
    if (!request_body_.finished() || worker_.draining()) keep_alive_ = false;
    response_writer_.begin(chunked);

    http::writer out{worker_.scratch(), head_room};
    out << "HTTP/1.1 ";
    out.decimal(response_.status) << " " << http::status_phrase(response_.status) << "\r\n";
    if (route_->https) drop_upstreams_hsts();
    const auto* policy = route_->policy.get();
    if (policy) drop_replaced(*policy);
    out.kept_fields(response_);
    if (route_->compression) policy::compression::write_fields(out, coded);
    if (policy) write_replacing(out, *policy);
    if (!response_.has(http::field_id::date)) out.line("Date", worker_.loop.date());
    write_tellings(out);
    if (chunked && response_.has(http::field_id::trailer) && takes_trailers())
        http::announce_trailers(out, response_);
    write_response_framing(out, frame, chunked);
    if (out.overflowed()) return upstream_is_wrong();
    head_out_ += out.text().size();
    to_client_.add(out.text());
    response_started_ = true;

    const auto head_size = response_.size;
    const bool full = output_end_ == output_.size();
    if (pass_body(head_size)) relay_on(full);
}

// Takes what has arrived at [at, output_end_) and sends it on. True when it all went out and more is to come.
bool exchange::pass_body(std::size_t at) {
    const auto size = output_end_ - at;
    auto taken = response_body_.take(output_.data() + at, size);
    if (taken.reason != http::refusal::none) {
        counters_->upstream_failures.add();
        return cut(http::refusal::bad_response), false;
    }
    const bool last = response_body_.finished();
    if (last && taken.consumed < size) upstream_keeps_ = false; // more than was announced: never reuse it
    if (compressor_ && !compress(taken.payload, last)) return cut(http::refusal::internal_error), false;
    auto trailers = response_body_.trailers();
    if (!trailers.empty() && !takes_trailers()) trailers = {};
    response_writer_.add(to_client_, taken.payload, last, trailers);
    if (last) release_upstream();
    return flush_response();
}

// Goes on reading at once while the socket is known to have more.
void exchange::relay(bool full) {
    if (pass_body(0)) relay_on(full);
}

void exchange::relay_on(bool full) {
    for (int i = 0; full && i < reads_in_a_row; ++i) {
        std::size_t got = 0;
        const auto outcome = upstream_->stream().receive(output_.data(), output_.size(), got);
        if (outcome == net::io::blocked) break;
        if (outcome != net::io::done) return upstream_ended(outcome == net::io::closed);
        output_end_ = got;
        full = got == output_.size();
        if (!pass_body(0)) return;
    }
    read_more_response();
}

void exchange::read_more_response() {
    output_end_ = 0;
    worker_.loop.set(timer_, times_->response);
    upstream_->read_into(output_.data(), output_.size());
}

// True when all went out and the response is not at its end; false when it waits or is over.
bool exchange::flush_response() {
    switch (to_client_.flush(client_->stream(), worker_.blocks, worker_.scratch_range(), bytes_out_)) {
    case net::io::blocked:
        delivery_.blocked(worker_.loop.now(), bytes_out_, client_->stream().unsent(), pace_of(times_->send));
        arm_client_timer(false);
        if (response_started_) worker_.loop.cancel(timer_); // it is not the upstream that we wait for
        client_->wait_writable();
        return false;
    case net::io::failed: return client_broke(), false;
    default: break;
    }
    if (delivery_.is_blocked()) delivery_.flows(worker_.loop.now());
    if (station_ == station::answering) return finish(), false;
    if (client_->leaving()) arm_client_timer(false);
    if (!response_started_) return true; // it was an interim answer
    if (!response_body_.finished()) return true;
    return finish(), false;
}

void exchange::client_writable() {
    if (station_ == station::over || to_client_.empty()) return;
    if (tunnel_) return tunnel_client_writable();
    arm_client_timer(false);
    const bool relaying = response_started_;
    if (!flush_response()) return;
    if (station_ != station::carrying) return;
    if (relaying)
        read_more_response();
    else
        arm_client_timer(false);
}

void exchange::upstream_ended(bool cleanly) {
    if (!response_started_) {
        counters_->upstream_failures.add();
        // A connection that had grown stale in the pool says nothing about who is behind it.
        if (!upstream_->reused() || received_any_) note(upstream::outcome::server_error);
        const auto reason = cleanly ? http::refusal::upstream_closed : http::refusal::upstream_reset;
        drop_upstream();
        return retry_or_fail(reason);
    }
    if (cleanly && response_body_.close()) {
        std::string_view rest;
        if (compressor_ && !compress(rest, true)) return cut(http::refusal::internal_error);
        response_writer_.add(to_client_, rest, true, {});
        release_upstream();
        flush_response();
        return;
    }
    counters_->upstream_failures.add();
    note(upstream::outcome::server_error);
    cut(http::refusal::response_cut);
}

void exchange::release_upstream() {
    if (!upstream_) return;
    worker_.loop.cancel(timer_);
    counters_->upstream_duration.record(static_cast<std::uint64_t>(worker_.loop.now() - sent_at_));
    if (response_.status < 500) note(upstream::outcome::good);
    const bool clean = upstream_keeps_ && request_done_ && response_body_.finished() && !worker_.closing();
    to_upstream_.clear();
    // An early answer, whose end the client has yet to take: what it still sends has nowhere to go.
    request_broken_ |= !request_done_;
    std::exchange(upstream_, nullptr)->give_back(clean);
    leave_endpoint();
}

} // namespace adit::proxy
