// The way of the request: from the client's block to the upstream's socket.
#include "core/hex.hpp"
#include "http/trailers.hpp"
#include "policy/route_policy.hpp"
#include "proxy/authorisation.hpp"
#include "proxy/exchange.hpp"
#include "proxy/gathered_body.hpp"
#include "proxy/variables.hpp"
#include "proxy/worker.hpp"

#include <iterator>

namespace adit::proxy {

namespace {

constexpr std::chrono::milliseconds continue_after{
    1'000}; // an upstream that ignores Expect must not hold the client

} // namespace

void exchange::write_forwarded(http::writer& out, const policy::header_edits* edits) {
    using http::field_id;
    char address[64];
    const std::string_view peer{address, format_ip(client_->peer(), address)};
    bool listed = false;
    const bool replaced = edits && edits->replaces(field_id::x_forwarded_for);
    if (trusted_ && !replaced) {
        for (auto& f : head_.fields()) {
            if (f.id != field_id::x_forwarded_for) continue;
            f.dropped = true;
            out << (listed ? ", " : "X-Forwarded-For: ") << head_.value(f);
            listed = true;
        }
    }
    if (!replaced) out << (listed ? ", " : "X-Forwarded-For: ") << peer << "\r\n";
    const auto unless_told = [&](field_id id) {
        return (!trusted_ || !head_.has(id)) && !(edits && edits->replaces(id));
    };
    if (unless_told(field_id::x_real_ip)) out.line("X-Real-IP", peer);
    if (unless_told(field_id::x_forwarded_proto))
        out << (client_->tls() ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n");
    if (unless_told(field_id::x_forwarded_host) && head_.authority_size > 0)
        out.line("X-Forwarded-Host", head_.authority());
    if (unless_told(field_id::x_forwarded_port)) {
        out << "X-Forwarded-Port: ";
        out.decimal(client_->local_port()) << "\r\n";
    }
}

void exchange::write_request_framing(http::writer& out) {
    if (upgrade_wanted_) {
        out.line("Upgrade", wanted_protocol()) << "Connection: Upgrade\r\n";
    } else if (takes_trailers()) {
        out << "TE: trailers\r\nConnection: TE\r\n";
    }
    if (framing_.kind == http::body_kind::chunked) {
        out << "Transfer-Encoding: chunked\r\n";
        if (passes_request_trailers()) http::announce_trailers(out, head_);
    } else if (framing_.kind == http::body_kind::length || head_.has(http::field_id::content_length)) {
        out << "Content-Length: ";
        out.decimal(framing_.length) << "\r\n";
    }
    out << "\r\n";
}

std::string_view exchange::write_request_head() {
    const auto* policy = route_->policy.get();
    if (policy && policy->rewrite) return write_rewritten_head(*policy->rewrite);
    http::writer out{worker_.scratch(), worker::settings::scratch_size};
    out << head_.method_text() << " ";
    write_target(out);
    out << " HTTP/1.1\r\n";
    return write_request_fields(out);
}

// As it was received, in origin-form.
void exchange::write_target(http::writer& out) {
    if (head_.absolute_form) {
        out << http::path_or_root(head_);
        if (head_.has_query) out << "?" << head_.query();
    } else {
        out << head_.target();
    }
}

std::string_view exchange::write_request_fields(http::writer& out) {
    using http::field_id;
    const auto* policy = route_->policy.get();
    const auto* edits = policy ? policy->request_edits(track_) : nullptr;
    if (edits && edits->sets_host())
        edits->write_host(out, variables{*this});
    else
        out.line("Host", head_.authority_size > 0 ? head_.authority() : std::string_view{endpoint_->text()});
    for (auto& f : head_.fields()) {
        if (f.id == field_id::host || (f.id == field_id::expect && !expects_)) f.dropped = true;
        if (f.id == field_id::max_forwards && head_.verb == http::method::options) {
            f.dropped = true;
            if (const auto left = parse_decimal(head_.value(f)); left && *left > 0)
                (out << "Max-Forwards: ").decimal(*left - 1) << "\r\n";
        }
    }
    if (edits) edits->drop(head_);
    write_forwarded(out, edits); // before the kept fields: it takes X-Forwarded-For out of them
    out.kept_fields(head_);
    if (auth_) out << auth_->upstream_lines;
    if (edits) edits->write(out, variables{*this});
    out << "Via: 1." << (head_.minor_version >= 1 ? "1" : "0") << " adit\r\n";
    const auto replaced = [&](field_id id) { return edits && edits->replaces(id); };
    if (!head_.has(field_id::x_request_id) && !replaced(field_id::x_request_id))
        out.line("X-Request-ID", request_id());
    if (trace_) write_trace(out, edits);
    if (client_->tls()) tell_identity(out);
    if (track_ != 0 && route_->wish->send_colour && !replaced(field_id::x_version_route))
        out.line("X-Version-Route", route_->wish->tracks[track_].name);
    write_request_framing(out);
    return out.overflowed() ? std::string_view{} : out.text();
}

bool exchange::passes_request_trailers() const noexcept {
    return route_->wish->trailers.request == model::trailers::policy::pass;
}

std::string_view exchange::request_trailers() const noexcept {
    const auto all = request_body_.trailers();
    return all.empty() || passes_request_trailers() ? all : std::string_view{};
}

// Whether trailers of the response go on to the client.
bool exchange::takes_trailers() const noexcept {
    using policy = model::trailers::policy;
    const auto wish = route_->wish->trailers.response;
    return wish == policy::te ? options_.te_trailers : wish == policy::pass;
}

// Drawn once, so that every attempt and our own answers carry the same.
std::string_view exchange::request_id() noexcept {
    if (const auto given = head_.get(http::field_id::x_request_id); !given.empty()) return given;
    if (request_id_[0] == '\0') {
        for (char* at = request_id_; at < std::end(request_id_); at += 16) {
            const auto drawn = worker_.random.next();
            write_hex(at, static_cast<std::uint32_t>(drawn >> 32));
            write_hex(at + 8, static_cast<std::uint32_t>(drawn));
        }
    }
    return {request_id_, sizeof request_id_};
}

void exchange::send_request() {
    station_ = station::carrying;
    sent_at_ = worker_.loop.now();
    if (!output_) output_ = block{worker_.blocks};
    output_end_ = 0;
    response_scanner_ = {};
    response_.clear();
    upstream_->read_into(output_.data(), output_.size());
    const auto first_wait =
        expects_ ? std::chrono::nanoseconds(continue_after) : std::chrono::nanoseconds(times_->first_byte);
    arm_upstream_timer(first_wait);

    const auto head = write_request_head();
    if (head.empty())
        return answer(rewrite_failed_ ? http::refusal::rewrite_failed : http::refusal::head_too_large);
    if (trace_) trace_target(head);
    to_upstream_.add(head);
    request_writer_.begin(framing_.kind == http::body_kind::chunked);
    if (gathered_) {
        gathered_->rewind();
        gathered_->next(to_upstream_);
        return flush_request();
    }
    if (!body_started_ && !take_first_body()) return;
    if (!whole_body_at_once_ && attempt_ends_ != 0) { // it cannot be sent again: the client sets the pace
        attempt_ends_ = 0;
        arm_upstream_timer(first_wait);
    }
    request_writer_.add(to_upstream_, first_payload_, request_body_.finished(), request_trailers());
    flush_request();
}

// What of the body came with the head. False when the exchange has ended because of it.
bool exchange::take_first_body() {
    if (body_started_) return true;
    const auto taken = request_body_.take(input_.data() + body_at_, input_end_ - body_at_);
    body_started_ = true;
    body_at_ += taken.consumed;
    first_payload_ = taken.payload;
    whole_body_at_once_ = request_body_.finished();
    return count_body(taken);
}

// False when the exchange has ended because of it.
bool exchange::count_body(const body_reader::taken& taken) {
    carried_body_ += taken.payload.size();
    const auto most = most_body();
    auto reason = taken.reason;
    if (reason == http::refusal::none && most != 0 && carried_body_ > most)
        reason = http::refusal::body_too_large;
    if (reason == http::refusal::none) return true;
    keep_alive_ = false;
    response_started_ ? cut(reason) : answer(reason);
    return false;
}

void exchange::flush_request() {
    switch (to_upstream_.flush(upstream_->stream(), worker_.blocks, worker_.scratch_range(), sent_upstream_)
    ) {
    case net::io::done: return request_drained();
    case net::io::blocked:
        if (client_->leaving()) arm_client_timer(false);
        return upstream_->wait_writable();
    default: break;
    }
    // It may have answered already, and closed because it wants no more: the read will tell.
    to_upstream_.clear();
    request_broken_ = true;
}

void exchange::upstream_writable() {
    if (tunnel_) return tunnel_flush_up();
    if (station_ == station::carrying && !request_broken_) flush_request();
}

void exchange::request_drained() {
    if (!request_body_.finished()) return read_more_request();
    if (gathered_ && gathered_->more()) {
        gathered_->next(to_upstream_);
        return flush_request();
    }
    if (request_done_) return;
    request_done_ = true;
    if (body_at_ == input_end_) client_->watch();
}

void exchange::read_more_request() {
    // What lies before the body's place in the block is the head, which the response still needs.
    body_at_ = input_end_ = head_end_;
    if (client_->half_closed()) return client_closed();
    if (!expects_ && !response_started_ && station_ == station::carrying) await_first_byte();
    arm_client_timer(true);
    client_->read_body(input_.data() + head_end_, input_.size() - head_end_);
}

void exchange::client_read(std::size_t size) {
    if (tunnel_) return tunnel_client_read(size);
    arm_client_timer(false);
    if (body_pace_.is_waiting()) {
        body_pace_.moved(worker_.loop.now(), size, pace_of(times_->body));
        body_pace_.rest(worker_.loop.now());
    }
    input_end_ += size;
    bytes_in_ += size;
    if (station_ == station::gathering) return gather_read();
    if (station_ != station::carrying || request_broken_) return;
    if (!response_started_) arm_upstream_timer(times_->first_byte);
    expects_ = false; // it did not wait
    const auto taken = request_body_.take(input_.data() + body_at_, input_end_ - body_at_);
    body_at_ += taken.consumed;
    if (!count_body(taken)) return;
    request_writer_.add(to_upstream_, taken.payload, request_body_.finished(), request_trailers());
    if (to_upstream_.empty())
        request_drained();
    else
        flush_request();
}

// Counted from the end of the request: while it is the client's body that is waited for, its own time runs.
void exchange::await_first_byte() noexcept {
    if (!request_body_.finished() && to_upstream_.empty())
        worker_.loop.cancel(timer_);
    else
        arm_upstream_timer(times_->first_byte);
}

void exchange::continue_ourselves() {
    expects_ = false;
    await_first_byte();
    if (response_started_ || !to_client_.empty()) return;
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    head_out_ += go_on.size();
    to_client_.add(go_on);
    flush_response();
}

} // namespace adit::proxy
