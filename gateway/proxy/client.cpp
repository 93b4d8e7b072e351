#include "proxy/client.hpp"

#include "proxy/entrance.hpp"
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

#include <boost/asio/error.hpp>

#include <cstring>
#include <unistd.h>
#include <utility>

namespace adit::proxy {

namespace {
constexpr std::uint32_t max_lingered = 1024 * 1024; // bytes thrown away for the sake of an orderly end
constexpr std::chrono::seconds linger_time{2};
// For the first bytes of a connection that was accepted while its listener closed: they are on their way.
constexpr std::chrono::seconds first_word_patience{2};
} // namespace

const net::stream::callbacks client::callbacks_{
    .read = [](void* self, const net::error_code& error,
               std::size_t size) { static_cast<client*>(self)->on_read(error, size); },
    .writable = [](void* self) { static_cast<client*>(self)->on_writable(); },
    .connected = [](void* self, const net::error_code& error) { static_cast<client*>(self)->secured(error); },
    .hung_up = [](void* self, bool broken) { static_cast<client*>(self)->on_hung_up(broken); }};

client::client(worker& home)
    : worker_(home),
      stream_(home.loop, this, callbacks_),
      timer_([](void* self) { static_cast<client*>(self)->on_timer(); }, this) {}

void client::enter(phase next) {
    using state = observe::connection_state;
    const auto shown = [](phase one) {
        switch (one) {
        case phase::entering:
        case phase::securing:
        case phase::idle: return state::idle;
        case phase::reading: return state::reading;
        default: return state::active;
        }
    };
    auto& counters = worker_.counters_;
    if (phase_ != phase::closed) counters.connection(tunnel_ ? state::tunnel : shown(phase_)).subtract();
    tunnel_ = false;
    if (next != phase::closed) counters.connection(shown(next)).add();
    phase_ = next;
}

void client::become_tunnel() noexcept {
    tunnel_ = true;
    worker_.counters_.move(observe::connection_state::active, observe::connection_state::tunnel);
}

bool client::take_over(int descriptor) {
    pending_ = 0;
    lingered_ = 0;
    half_closed_ = reading_body_ = advancing_ = false;
    exchange_ = nullptr;
    if (stream_.assign(descriptor)) return true;
    worker_.give_back(*this);
    return false;
}

void client::turn_away(int descriptor, http::refusal reason, const entrance* door) {
    if (!take_over(descriptor)) return;
    if (door && door->tls) {
        enter(phase::idle);
        return close();
    }
    refuse_in_clear(reason);
}

void client::start(int descriptor, const ip_address& peer, std::uint16_t local_port, const entrance* door) {
    if (!take_over(descriptor)) return;
    peer_ = peer;
    local_port_ = local_port;
    fresh_ = true;
    if (door) return approach(*door);
    await_request();
}

void client::watch() {
    reading_body_ = false;
    stream_.read_into(inline_, inline_size);
    if (!stream_.reading() && pending_ == 0 && !half_closed_) stream_.arm_read();
}

void client::read_body(char* data, std::size_t size) {
    reading_body_ = true;
    stream_.read_into(data, size);
    if (pending_ > 0) { // came while the exchange was waiting for something else
        std::memcpy(data, inline_, pending_);
        const auto size_now = std::exchange(pending_, std::uint16_t{0});
        reading_body_ = false;
        exchange_->client_read(size_now);
    } else if (!stream_.reading() && !half_closed_) {
        stream_.arm_read();
    }
}

void client::read_small() {
    reading_body_ = true;
    stream_.read_into(inline_, inline_size);
    if (pending_ > 0) {
        reading_body_ = false;
        exchange_->client_read(std::exchange(pending_, std::uint16_t{0}));
    } else if (!stream_.reading() && !half_closed_) {
        stream_.arm_read();
    }
}

void client::wait_writable() {
    if (!stream_.writing()) stream_.arm_write();
}

void client::on_writable() {
    if (phase_ == phase::exchanging) exchange_->client_writable();
}

void client::on_hung_up(bool broken) {
    if (phase_ != phase::exchanging) return;
    broken ? exchange_->client_broke() : exchange_->client_leaves();
}

void client::on_read(const net::error_code& error, std::size_t size) {
    if (error) {
        if (phase_ != phase::exchanging) return close();
        half_closed_ = true;
        reading_body_ = false;
        return error == boost::asio::error::eof ? exchange_->client_closed() : exchange_->client_broke();
    }
    switch (phase_) {
    case phase::entering: entered(size); break;
    case phase::securing: break; // a stream tells of nothing meanwhile
    case phase::idle: first_bytes(size); break;
    case phase::reading:
        exchange_->add_input(size);
        advance();
        break;
    case phase::exchanging:
        if (std::exchange(reading_body_, false))
            exchange_->client_read(size);
        else
            pending_ = static_cast<std::uint16_t>(size);
        break;
    case phase::lingering:
        lingered_ += static_cast<std::uint32_t>(size);
        lingered_ > max_lingered ? close() : stream_.arm_read();
        break;
    case phase::closed: break;
    }
}

void client::first_bytes(std::size_t size) {
    exchange_ = &worker_.take_exchange();
    worker_.loop.set(timer_, worker_.current().timeouts.head);
    take_inline(size);
    enter(phase::reading);
    advance();
}

// Moves the bytes in the small buffer to a new exchange's block, and with them what else the kernel holds if
// the small buffer was full.
void client::take_inline(std::size_t size) {
    exchange_->open(*this, worker_.loop.now());
    auto& input = exchange_->input();
    std::memcpy(input.data(), inline_, size);
    exchange_->add_input(size);
    if (size < inline_size) return;
    std::size_t more = 0;
    if (stream_.receive(input.data() + size, input.size() - size, more) == net::io::done)
        exchange_->add_input(more);
}

void client::advance() {
    if (advancing_) return;
    advancing_ = true;
    while (phase_ == phase::reading) {
        const auto outcome = exchange_->scan();
        if (outcome == http::progress::more) {
            auto& input = exchange_->input();
            stream_.read_into(input.data() + exchange_->input_size(), input.size() - exchange_->input_size());
            if (half_closed_)
                close();
            else if (!stream_.reading())
                stream_.arm_read();
            break;
        }
        worker_.loop.cancel(timer_);
        enter(phase::exchanging);
        if (outcome == http::progress::done)
            exchange_->begin();
        else
            exchange_->refuse(exchange_->scan_refusal());
    }
    advancing_ = false;
}

void client::exchange_ended(ending how, std::size_t rest_at, std::size_t rest_size) {
    worker_.loop.cancel(timer_);
    reading_body_ = fresh_ = false;
    if (how == ending::keep && half_closed_ && rest_size == 0 && pending_ == 0) how = ending::close;
    if (how != ending::keep) {
        const bool unread = rest_size > 0 || pending_ > 0;
        worker_.give_back(*std::exchange(exchange_, nullptr));
        if (how == ending::reset) stream_.close_with_reset();
        if (how == ending::linger || (how == ending::close && unread))
            linger();
        else
            close();
        return;
    }
    if (rest_size > 0) {
        exchange_->reopen(*this, worker_.loop.now(), rest_at, rest_size);
    } else if (pending_ > 0) {
        take_inline(std::exchange(pending_, std::uint16_t{0}));
    } else {
        worker_.give_back(*std::exchange(exchange_, nullptr));
        enter(phase::idle);
        worker_.loop.set(timer_, worker_.current().timeouts.idle);
        watch();
        if (worker_.closing()) drain();
        return;
    }
    worker_.loop.set(timer_, worker_.current().timeouts.head);
    enter(phase::reading);
    advance();
}

void client::linger() {
    stream_.shutdown_send();
    enter(phase::lingering);
    worker_.loop.set(timer_, linger_time);
    if (half_closed_) return close();
    pending_ = 0;
    stream_.read_into(inline_, inline_size);
    if (!stream_.reading()) stream_.arm_read();
}

void client::on_timer() {
    using observe::timeout_kind;
    const bool silent = phase_ == phase::idle || (phase_ == phase::entering && pending_ == 0);
    if (silent && worker_.closing()) return close(); // the worker's time is over, not the client's
    if (phase_ == phase::reading || phase_ == phase::idle) {
        const bool head = phase_ == phase::reading || fresh_;
        worker_.counters_.timeout(head ? timeout_kind::head : timeout_kind::idle).add();
    }
    switch (phase_) {
    case phase::reading:
        if (exchange_->head_started()) {
            enter(phase::exchanging);
            exchange_->refuse(http::refusal::head_timeout);
            break;
        }
        close();
        break;
    case phase::exchanging: exchange_->client_timed_out(); break;
    case phase::entering:
    case phase::securing: {
        const auto reason = threshold_.waits_for();
        worker_.counters_
            .timeout(
                reason == http::refusal::tls_handshake_timeout ? timeout_kind::tls_handshake
                                                               : timeout_kind::head
            )
            .add();
        turn_out(reason);
        break;
    }
    case phase::idle:
    case phase::lingering: close(); break;
    case phase::closed: break;
    }
}

void client::drain() {
    if (phase_ == phase::exchanging) return exchange_->part();
    if (phase_ == phase::entering && pending_ == 0) worker_.loop.set(timer_, first_word_patience);
    if (phase_ != phase::idle) return;
    // A request may have come in this very moment; to close upon it would reset the connection.
    std::size_t got = 0;
    switch (stream_.receive(inline_, inline_size, got)) {
    case net::io::done: return first_bytes(got);
    case net::io::blocked:
        if (fresh_) return worker_.loop.set(timer_, first_word_patience);
        if (const auto left = worker_.notice_left(); left > std::chrono::nanoseconds::zero())
            return worker_.loop.set(timer_, left);
        [[fallthrough]];
    default: close();
    }
}

void client::abort() {
    if (exchange_) {
        if (worker_.closing()) worker_.counters_.timeout(observe::timeout_kind::drain).add();
        exchange_->abandon();
    }
    close();
}

void client::close() {
    if (phase_ == phase::closed) return;
    if (exchange_) {
        exchange_->abandon();
        worker_.give_back(*std::exchange(exchange_, nullptr));
    }
    enter(phase::closed);
    worker_.loop.cancel(timer_);
    stream_.close();
    worker_.give_back(*this);
}

} // namespace adit::proxy
