// The way in: from a connection's first byte to where its first request may come.
#include "http/local_answer.hpp"
#include "net/proxy_line.hpp"
#include "net/tls_session.hpp"
#include "proxy/client.hpp"
#include "proxy/entrance.hpp"
#include "proxy/exchange.hpp"
#include "proxy/trust.hpp"
#include "proxy/worker.hpp"

#include <cstring>
#include <utility>

namespace adit::proxy {

namespace {

constexpr char tls_handshake_record = 0x16;              // RFC 8446 §5.1; no request begins with it
constexpr std::chrono::milliseconds last_request{1'000}; // of who came in while the worker leaves

} // namespace

void client::await_request() {
    enter(phase::idle);
    // Who connects has something to say.
    worker_.loop.set(timer_, worker_.closing() ? last_request : worker_.current().timeouts.head);
    watch();
}

void client::approach(const entrance& door) {
    threshold_ = {door.proxy_lines, door.proxy_lines && contains(door.balancers, peer_), door.tls};
    skipped_ = 0;
    enter(phase::entering);
    const auto& timeouts = worker_.current().timeouts;
    worker_.loop.set(timer_, threshold_.balancer || !threshold_.tls ? timeouts.head : timeouts.tls_handshake);
    stream_.read_into(inline_, inline_size);
    stream_.arm_read();
}

// `size` bytes have come behind the pending_ ones; nothing is encrypted yet.
void client::entered(std::size_t size) {
    pending_ = static_cast<std::uint16_t>(pending_ + size);
    if (threshold_.line && !take_line()) return;
    const auto skipped = std::min(skipped_, pending_);
    skipped_ = static_cast<std::uint16_t>(skipped_ - skipped);
    pending_ = static_cast<std::uint16_t>(pending_ - skipped);
    std::memmove(inline_, inline_ + skipped, pending_);
    if (pending_ == 0 && (skipped_ > 0 || threshold_.tls)) {
        stream_.read_into(inline_, inline_size);
        return stream_.arm_read();
    }
    if (threshold_.tls) return enter_secured();
    const auto here = std::exchange(pending_, std::uint16_t{0});
    if (here == 0) return await_request();
    enter(phase::idle);
    first_bytes(here);
}

// True when the line is behind us. Otherwise more is awaited, or the connection was refused.
bool client::take_line() {
    using verdict = net::proxy_line::verdict;
    const auto line = net::read_proxy_line({inline_, pending_});
    if (line.found == verdict::absent && !threshold_.balancer) {
        threshold_.line = false;
        return true;
    }
    if (line.found == verdict::more) {
        stream_.read_into(inline_ + pending_, inline_size - pending_);
        stream_.arm_read();
        return false;
    }
    if (!threshold_.balancer) return turn_out(http::refusal::proxy_line_untrusted), false;
    if (line.found == verdict::absent) return turn_out(http::refusal::proxy_line_missing), false;
    if (line.found == verdict::malformed) return turn_out(http::refusal::bad_proxy_line), false;
    if (line.client) peer_ = *line.client;
    threshold_.line = false;
    skipped_ = static_cast<std::uint16_t>(line.size);
    if (threshold_.tls) worker_.loop.set(timer_, worker_.current().timeouts.tls_handshake);
    return true;
}

void client::enter_secured() {
    if (inline_[0] != tls_handshake_record) {
        worker_.counters().refusal(static_cast<std::uint8_t>(http::refusal::plain_on_tls)).add();
        return refuse_in_clear(http::refusal::plain_on_tls);
    }
    const auto& store = worker_.tls();
    const auto size = std::exchange(pending_, std::uint16_t{0});
    auto session = store ? net::tls_session::serve(worker_.tls_wire, store, {inline_, size}) : nullptr;
    if (!session) return turn_out(http::refusal::internal_error);
    started_ = worker_.loop.now();
    enter(phase::securing);
    stream_.secure(std::move(session));
}

void client::secured(const net::error_code& error) {
    const auto& session = *stream_.tls();
    auto& counters = worker_.counters().tls_clients;
    if (error) {
        counters.failed[static_cast<std::size_t>(session.failure())].add();
        return turn_out(http::refusal::tls_handshake_failed);
    }
    counters.done[session.tls13()][session.resumed()].add();
    counters.duration.record(static_cast<std::uint64_t>(worker_.loop.now() - started_));
    await_request();
}

// Closes, counted by its reason: nothing can be said to who has not come in yet.
void client::turn_out(http::refusal reason) {
    if (phase_ == phase::securing && reason == http::refusal::tls_handshake_timeout)
        worker_.counters().tls_clients.failed[static_cast<std::size_t>(observe::tls_failure::timeout)].add();
    worker_.counters().refusal(static_cast<std::uint8_t>(reason)).add();
    close();
}

void client::refuse_in_clear(http::refusal reason) {
    http::writer out{worker_.scratch(), worker::settings::scratch_size};
    http::write_refusal(out, reason, {.date = worker_.loop.date(), .keep_alive = false});
    iovec all{const_cast<char*>(out.text().data()), out.text().size()};
    std::size_t sent = 0;
    stream_.send(&all, 1, sent); // a new socket has room for it
    linger();
}

} // namespace adit::proxy
