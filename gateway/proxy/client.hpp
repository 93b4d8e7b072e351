// A client's connection: reads request heads, one exchange at a time, in order.
#pragma once

#include "core/ip.hpp"
#include "http/refusal.hpp"
#include "net/loop.hpp"
#include "net/outgoing.hpp"
#include "net/stream.hpp"
#include "observe/worker_counters.hpp"

#include <cstdint>

namespace adit::proxy {

class exchange;
class worker;
struct entrance;

// Between requests a connection has this object and nothing else: its read is armed on a small buffer in
// here, and a large block is borrowed when the first byte has come. During an exchange the same read watches
// for the client going away; what it receives then is the beginning of the next request.
class client {
public:
    // Large enough for the head that a browser sends, so that most requests are read by one call; small
    // enough to keep an idle connection under 1.5 KiB with everything around it.
    static constexpr std::size_t inline_size = 896;

    explicit client(worker& home);

    // `door`: null for one that leads straight to the first request.
    void start(int descriptor, const ip_address& peer, std::uint16_t local_port, const entrance* door);
    // One connection too many: says so, where that can be said in clear, and closes, without waiting for a
    // request. The reason has been counted.
    void turn_away(int descriptor, http::refusal reason, const entrance* door);

    net::stream& stream() noexcept { return stream_; }
    const ip_address& peer() const noexcept { return peer_; }
    std::uint16_t local_port() const noexcept { return local_port_; }
    // Null on a plain connection.
    const net::tls_session* tls() const noexcept { return stream_.tls(); }
    net::deadline& timer() noexcept { return timer_; }
    bool half_closed() const noexcept { return half_closed_; }
    // It has ended its side, though bytes that it sent before may not have been read yet.
    bool leaving() const noexcept { return half_closed_ || stream_.ended(); }

    // The exchange reads the rest of its body into its own block; exchange::client_read() tells what came.
    void read_body(char* data, std::size_t size);
    // The same into the small buffer, as a tunnel does.
    void read_small();
    const char* small() const noexcept { return inline_; }
    // The exchange has all of its request: from now on the read only watches.
    void watch();
    void wait_writable();
    // The exchange under way has switched protocols.
    void become_tunnel() noexcept;

    enum class ending {
        keep,   // the response ended properly: go on with the next request
        close,  // close; everything was read
        linger, // the client may still be sending: a plain close would reset what it has yet to read
        reset   // what was sent is not whole and its framing cannot show that
    };
    // The exchange is over and gives itself back afterwards. `rest` are bytes of the next request, which lie
    // in the exchange's block.
    void exchange_ended(ending how, std::size_t rest_at, std::size_t rest_size);

    // Closes after the exchange under way, and at once if idle for so long that no request can be on its way;
    // who has not asked anything yet has a moment to do so. A tunnel is ended as exchange::part() says.
    void drain();
    // Closes at once.
    void abort();

private:
    friend class worker;

    enum class phase : std::uint8_t { entering, securing, idle, reading, exchanging, lingering, closed };
    // What is to come before the first request.
    struct threshold {
        bool line = false;     // a PROXY line may come
        bool balancer = false; // it must, and is believed
        bool tls = false;

        // What a client that takes too long is turned out for.
        http::refusal waits_for() const noexcept {
            return tls && !(line && balancer) ? http::refusal::tls_handshake_timeout
                                              : http::refusal::head_timeout;
        }
    };

    bool take_over(int descriptor);
    // entering.cpp
    void approach(const entrance& door);
    void entered(std::size_t size);
    bool take_line();
    void enter_secured();
    void secured(const net::error_code& error);
    void await_request();
    void turn_out(http::refusal reason);
    void refuse_in_clear(http::refusal reason);
    void on_read(const net::error_code& error, std::size_t size);
    void on_writable();
    void on_hung_up(bool broken);
    void on_timer();
    void first_bytes(std::size_t size);
    void take_inline(std::size_t size);
    // Reads heads and starts exchanges until one is under way or bytes are missing.
    void advance();
    void go_idle();
    void linger();
    void close();
    void enter(phase next);

    static const net::stream::callbacks callbacks_;
    worker& worker_;
    net::stream stream_;
    net::deadline timer_;
    exchange* exchange_ = nullptr;
    client *previous_ = nullptr, *next_ = nullptr; // among the worker's open connections
    ip_address peer_;
    instant started_ = 0;        // of the handshake
    std::uint32_t lingered_ = 0; // bytes thrown away
    std::uint16_t local_port_ = 0;
    std::uint16_t pending_ = 0; // bytes in inline_ that came during the exchange, or while entering
    std::uint16_t skipped_ = 0; // bytes of a PROXY header that are yet to come and of no interest
    threshold threshold_;
    phase phase_ = phase::closed;
    bool half_closed_ = false;
    bool reading_body_ = false; // the armed read is for the exchange's body
    bool advancing_ = false;
    bool tunnel_ = false;
    bool fresh_ = false;    // has not had an answer yet
    bool admitted_ = false; // counts towards limits.connections
    char inline_[inline_size];
};

} // namespace adit::proxy
