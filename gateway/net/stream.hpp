// One TCP connection of a worker: registered once, edge-triggered; read when the kernel has said that there
// is something, written at once and again when a full buffer has room.
#pragma once

#include "net/loop.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace adit::net {

class tls_session;

using tcp = boost::asio::ip::tcp;
using error_code = boost::system::error_code;

// What a direct call did. `blocked`: nothing now, wait; `closed`: the peer ended its side; `failed`: it
// broke.
enum class io : std::uint8_t { done, blocked, closed, failed };

// Not thread safe; belongs to one loop. Callbacks are never made by arm_…, secure() or connect() themselves,
// always later, and never after close(). In a callback the stream may be closed and opened anew.
class stream final : public pollable {
public:
    struct callbacks {
        void (*read)(void* owner, const error_code& error, std::size_t size);
        void (*writable)(void* owner);
        void (*connected
        )(void* owner, const error_code& error); // may be null for streams that never connect() or secure()
        // The peer has ended its side, or the connection broke, while no read is armed; may be null. May come
        // again.
        void (*hung_up)(void* owner, bool broken) = nullptr;
    };

    stream(net::loop& loop, void* owner, const callbacks& to) noexcept;
    ~stream();

    bool is_open() const noexcept { return descriptor_ >= 0; }
    bool reading() const noexcept { return reading_; }
    bool writing() const noexcept { return writing_; }
    int descriptor() const noexcept { return descriptor_; }

    // Takes over a connected, non-blocking descriptor. False if it cannot be watched; it is closed then.
    bool assign(int descriptor) noexcept;
    // callbacks::connected follows.
    void connect(const tcp::endpoint& to) noexcept;
    // From now on everything is carried over TLS, beginning with a handshake. callbacks::connected follows
    // when that has ended; it may be called in the callback of a connect().
    void secure(std::unique_ptr<tls_session> session) noexcept;
    // Null on a plain connection.
    const tls_session* tls() const noexcept { return tls_.get(); }

    // Where a read, also one that is armed already, puts what it gets. So one read can stay armed on an idle
    // connection, where it costs nothing and sees the peer close, and still receive the next message into a
    // large buffer that was borrowed later. `size` is above 0.
    void read_into(char* data, std::size_t size) noexcept {
        target_ = data;
        room_ = size;
    }
    // callbacks::read once, with bytes, or an error (boost::asio::error::eof for an orderly end).
    void arm_read() {
        reading_ = true;
        if (readable_) defer();
    }
    // callbacks::writable once, after a send() that was blocked.
    void arm_write() noexcept { writing_ = true; }

    // Direct calls.
    io receive(char* data, std::size_t size, std::size_t& got) noexcept {
        return tls_ ? receive_secured(data, size, got) : receive_raw(data, size, got);
    }
    io send(iovec* parts, std::size_t count, std::size_t& sent) noexcept {
        return tls_ ? send_secured(parts, count, sent) : send_raw(parts, count, sent);
    }
    // The kernel has told of bytes, or of the end, that have not been read yet.
    bool readable() const noexcept { return readable_; }
    // The kernel has told of the peer's end, which may still lie behind bytes that have not been read.
    bool ended() const noexcept { return ended_; }
    // Bytes that were sent and that the peer's kernel has not acknowledged. One call to the kernel.
    std::size_t unsent() const noexcept;
    // Whether the peer has been silent and has not closed: nothing to read, no error. One call to the kernel.
    bool silent() noexcept;

    void shutdown_send() noexcept;
    // The peer sees a reset instead of an orderly end.
    void close_with_reset() noexcept;
    void close() noexcept;

private:
    friend class tls_session;

    void ready(std::uint32_t events) override;
    void resume() override;
    void defer() {
        if (!deferred_) loop_.later(*this);
        deferred_ = true;
    }
    void open(int descriptor) noexcept;
    void finish_connect();
    void read_now();
    io receive_raw(char* data, std::size_t size, std::size_t& got) noexcept;
    io send_raw(iovec* parts, std::size_t count, std::size_t& sent) noexcept;
    // tls_stream.cpp
    io receive_secured(char* data, std::size_t size, std::size_t& got) noexcept;
    io send_secured(const iovec* parts, std::size_t count, std::size_t& sent) noexcept;
    bool silent_secured() noexcept;
    void flush_secured() noexcept;
    bool flushed_secured() noexcept;
    void shake();
    void leave_secured() noexcept;

    net::loop& loop_;
    void* owner_;
    const callbacks& to_;
    std::unique_ptr<tls_session> tls_;
    char* target_ = nullptr;
    std::size_t room_ = 0;
    int descriptor_ = -1;
    std::uint16_t life_ = 0; // counts openings
    bool reading_ = false, writing_ = false, connecting_ = false;
    bool securing_ = false; // the handshake is under way
    bool ending_ = false;   // the socket is to be shut when it has taken what TLS holds for it
    bool readable_ = false; // the kernel has said so, and nothing since has said otherwise
    bool ended_ = false;    // the peer's end, or an error, waits behind the bytes
    bool deferred_ = false;
    int connect_error_ = 0; // found by connect() itself
};

} // namespace adit::net
