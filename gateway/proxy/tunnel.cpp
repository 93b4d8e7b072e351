// An upgraded connection: bytes both ways until both sides have ended. Messages are read into the small
// buffers that both connections have anyway, and blocks are borrowed only while there is more to carry than
// those hold: an idle tunnel has none.
#include "proxy/exchange.hpp"
#include "proxy/head_room.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/error.hpp>

#include <cstring>

namespace adit::proxy {

namespace {
constexpr int reads_in_a_row = 8; // before others get their turn
} // namespace

void exchange::switch_protocols() {
    const auto protocol = upgrade_wanted_ ? wanted_protocol() : std::string_view{};
    // One protocol, the one that was asked for: a list says that the endpoint speaks something else as well.
    if (protocol.empty() || !iequals(response_.get(http::field_id::upgrade), protocol)) {
        counters_->upstream_failures.add();
        note(upstream::outcome::server_error);
        return answer(http::refusal::unwanted_upgrade);
    }
    http::mark_hop_by_hop(response_);
    http::writer out{worker_.scratch(), head_room};
    out << "HTTP/1.1 101 Switching Protocols\r\n";
    out.line("Upgrade", protocol) << "Connection: Upgrade\r\n";
    write_tellings(out);
    out.kept_fields(response_) << "\r\n";
    if (out.overflowed()) return upstream_is_wrong();
    first_byte_at_ = worker_.loop.now();
    measure();
    note(upstream::outcome::good);
    tunnel_ = true;
    websocket_ = iequals(protocol, "websocket");
    frames_ = {};
    client_->become_tunnel();
    response_started_ = true;
    keep_alive_ = upstream_keeps_ = false;
    worker_.loop.cancel(whole_timer_);
    worker_.loop.cancel(client_->timer());
    worker_.loop.set(timer_, times_->tunnel_idle);
    head_out_ += out.text().size();
    to_client_.add(out.text());
    // What came behind the heads belongs to the new protocol already.
    tunnel_add_down({output_.data() + response_.size, output_end_ - response_.size});
    to_upstream_.add({input_.data() + body_at_, input_end_ - body_at_});
    response_.clear();
    response_.shrink();
    if (tunnel_flush_down()) tunnel_drained_down();
    if (station_ == station::carrying) tunnel_flush_up();
    if (station_ == station::carrying && worker_.closing()) part(); // who leaves has told the others already
}

// What is told of the exchange when it is over is in its head.
void exchange::keep_head() {
    if (kept_head_) return;
    kept_head_ = std::make_unique<char[]>(head_.size);
    std::memcpy(kept_head_.get(), head_.base(), head_.size);
    head_.rebase(kept_head_.get());
    head_.shrink();
    first_payload_ = {};
}

void exchange::tunnel_client_read(std::size_t size) {
    touch_tunnel();
    bytes_in_ += size;
    to_upstream_.add({client_->small(), size});
    bool full = size == client::inline_size;
    for (int i = 0; full && i < reads_in_a_row; ++i) {
        if (!input_) input_ = block{worker_.blocks};
        std::size_t more = 0;
        // Whatever else it may say, the next read will say it again.
        if (client_->stream().receive(input_.data(), input_.size(), more) != net::io::done) break;
        bytes_in_ += more;
        to_upstream_.add({input_.data(), more});
        full = more == input_.size() &&
               to_upstream_.flush(
                   upstream_->stream(), worker_.blocks, worker_.scratch_range(), sent_upstream_
               ) == net::io::done;
    }
    tunnel_flush_up();
}

void exchange::tunnel_flush_up() {
    if (request_broken_) return;
    switch (to_upstream_.flush(upstream_->stream(), worker_.blocks, worker_.scratch_range(), sent_upstream_)
    ) {
    case net::io::done: return tunnel_drained_up();
    case net::io::blocked: return upstream_->wait_writable();
    default: break;
    }
    // Its own end will be read; what it may have sent before that is delivered.
    to_upstream_.clear();
    request_broken_ = true;
}

void exchange::tunnel_drained_up() {
    keep_head();
    input_.reset();
    body_at_ = input_end_ = 0;
    client_ended_ |= client_->half_closed(); // before the upgrade
    if (!client_ended_) return client_->read_small();
    upstream_->stream().shutdown_send();
    if (upstream_ended_) finish();
}

void exchange::tunnel_upstream_read(const net::error_code& error, std::size_t size) {
    if (error) {
        if (error != boost::asio::error::eof) return finish();
        upstream_ended_ = true;
        if (to_client_.empty()) tunnel_drained_down();
        return;
    }
    touch_tunnel();
    tunnel_add_down({upstream_->small(), size});
    bool full = size == upstream::connection::small_size;
    for (int i = 0; full && i < reads_in_a_row; ++i) {
        if (!output_) output_ = block{worker_.blocks};
        std::size_t more = 0;
        if (upstream_->stream().receive(output_.data(), output_.size(), more) != net::io::done) break;
        tunnel_add_down({output_.data(), more});
        full = more == output_.size();
        if (full && !tunnel_flush_down()) return;
    }
    if (tunnel_flush_down()) tunnel_drained_down();
}

// True when all went out; else the exchange waits, or is over.
bool exchange::tunnel_flush_down() {
    switch (to_client_.flush(client_->stream(), worker_.blocks, worker_.scratch_range(), bytes_out_)) {
    case net::io::blocked:
        delivery_.blocked(worker_.loop.now(), bytes_out_, client_->stream().unsent(), pace_of(times_->send));
        arm_client_timer(false);
        client_->wait_writable();
        return false;
    case net::io::failed: return client_broke(), false;
    default: break;
    }
    if (delivery_.is_blocked()) {
        delivery_.flows(worker_.loop.now());
        arm_client_timer(false);
    }
    return true;
}

void exchange::tunnel_client_writable() {
    if (tunnel_flush_down()) tunnel_drained_down();
}

void exchange::tunnel_drained_down() {
    output_.reset();
    output_end_ = 0;
    if (!upstream_ended_) return upstream_->read_small();
    client_->stream().shutdown_send();
    if (client_ended_) finish();
}

} // namespace adit::proxy
