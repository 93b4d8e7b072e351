#include "proxy/sub_request.hpp"

#include "proxy/worker.hpp"

#include <cstring>
#include <utility>

namespace adit::proxy {

namespace {
constexpr http::head_limits answer_limits{.first_line = 8 * 1024, .head = sub_request::most_head};
} // namespace

sub_request::sub_request(worker& home)
    : worker_(home), timer_([](void* self) { static_cast<sub_request*>(self)->on_timer(); }, this) {}

char* sub_request::room() {
    if (!out_) out_ = block{worker_.blocks};
    return out_.data();
}

void sub_request::start(upstream::pool& to, const question& what, told tell, void* asker) {
    question_ = what;
    tell_ = tell;
    asker_ = asker;
    sent_ = body_size_ = 0;
    in_end_ = 0;
    received_any_ = keeps_ = in_body_ = false;
    scanner_ = {};
    head_.reset();
    worker_.loop.set(timer_, what.within);
    connection_ = &to.lease(*this, upstream::pool::demand::checked);
    if (connection_->reused()) ask();
}

void sub_request::on_timer() {
    // The rest of a body that nobody wants is not worth waiting for.
    end(in_body_ && question_.what == wanted::head ? outcome::answered : outcome::timed_out, false);
}

void sub_request::upstream_connected(const net::error_code& error) {
    error ? end(outcome::unreachable, false) : ask();
}

void sub_request::ask() {
    if (!in_) in_ = block{worker_.blocks};
    read_more();
    outgoing_.add(question_.head);
    send();
}

void sub_request::send() {
    switch (outgoing_.flush(connection_->stream(), worker_.blocks, {}, sent_)) {
    case net::io::blocked: return connection_->wait_writable();
    case net::io::done: return;
    default: outgoing_.clear(); // it may have answered before it closed: the read will tell
    }
}

void sub_request::read_more() {
    connection_->read_into(in_.data() + in_end_, in_.size() - in_end_);
}

void sub_request::upstream_read(const net::error_code& error, std::size_t size) {
    if (error) {
        if (in_body_ && (question_.what == wanted::head || body_.close()))
            return end(outcome::answered, false);
        const bool stale = connection_->reused() && !received_any_;
        return end(stale ? outcome::unreachable : outcome::broken, false);
    }
    received_any_ = true;
    in_body_ ? take_body(size) : scan(size);
}

void sub_request::scan(std::size_t size) {
    in_end_ += size;
    for (;;) {
        switch (scanner_.scan(head_, {in_.data(), in_end_}, answer_limits)) {
        case http::progress::more: return read_more();
        case http::progress::refused: return end(outcome::broken, false);
        case http::progress::done: break;
        }
        if (head_.status >= 200) break;
        // RFC 9110 §15.2: nobody asked for interim answers; behind a 101 somebody else's protocol would
        // follow.
        if (head_.status == 101) return end(outcome::broken, false);
        in_end_ -= head_.size;
        std::memmove(in_.data(), in_.data() + head_.size, in_end_);
        scanner_ = {};
        head_.reset();
    }
    begin_body();
}

void sub_request::begin_body() {
    const auto frame = http::response_framing(head_, question_.verb);
    if (frame.reason != http::refusal::none) return end(outcome::broken, false);
    const auto options = http::mark_hop_by_hop(head_);
    keeps_ = head_.minor_version >= 1 ? !options.close : options.keep_alive;
    body_.begin(frame.kind, frame.length);
    in_body_ = true;
    const bool too_long = frame.kind == http::body_kind::length && frame.length > most_body;
    if (question_.what == wanted::body) {
        if (too_long) return end(outcome::broken, false);
    } else if (too_long || !keeps_ || frame.kind == http::body_kind::until_close) {
        return end(outcome::answered, false);
    }
    const auto here = in_end_ - head_.size;
    in_end_ = head_.size;
    take_body(here);
}

// `size` bytes have come at in_end_.
void sub_request::take_body(std::size_t size) {
    const auto taken = body_.take(in_.data() + in_end_, size);
    body_size_ += size;
    const bool kept = question_.what == wanted::body;
    if (kept) in_end_ += taken.payload.size();
    const bool whole = body_.finished() && taken.reason == http::refusal::none;
    if (whole) return end(outcome::answered, keeps_ && taken.consumed == size && outgoing_.empty());
    if (taken.reason != http::refusal::none || body_size_ > most_body)
        return end(kept ? outcome::broken : outcome::answered, false);
    read_more();
}

// The last thing done: the asker may ask again in this very object.
void sub_request::end(outcome what, bool clean) {
    let_go(clean);
    tell_(asker_, what);
}

void sub_request::let_go(bool clean) noexcept {
    worker_.loop.cancel(timer_);
    outgoing_.clear();
    if (connection_) std::exchange(connection_, nullptr)->give_back(clean && !worker_.closing());
}

void sub_request::forget() noexcept {
    let_go(false);
    out_.reset();
    in_.reset();
}

} // namespace adit::proxy
