// A connection to an endpoint: leased to one exchange at a time, idle in its pool in between.
#pragma once

#include "net/loop.hpp"
#include "net/stream.hpp"

#include <cstdint>

namespace adit::upstream {

class pool;

// What a connection tells the exchange that has leased it.
class lessee {
public:
    virtual void upstream_connected(const net::error_code& error) = 0;
    // Connected, but nothing can be sent before the TLS handshake: upstream_connected() follows that.
    virtual void upstream_securing() {}
    // `size` bytes were put where read_into() said; an end of file is an error, as Asio has it.
    virtual void upstream_read(const net::error_code& error, std::size_t size) = 0;
    virtual void upstream_writable() = 0;

protected:
    ~lessee() = default;
};

// Belongs to one worker. Made and kept by the worker's pools; an exchange gets it from pool::lease().
class connection {
public:
    connection(net::loop& loop);

    net::stream& stream() noexcept { return stream_; }
    upstream::pool& pool() noexcept { return *pool_; }
    // It has carried a response before: if it dies at once, it may simply have been closed in the meantime.
    bool reused() const noexcept { return reused_; }

    // From now on bytes go there; arms the read unless one is under way.
    void read_into(char* data, std::size_t size);
    // The same with a small buffer in here, for who waits long.
    static constexpr std::size_t small_size = 64;
    void read_small() { read_into(small_, small_size); }
    const char* small() const noexcept { return small_; }
    void wait_writable();
    // Not null where TLS is spoken and has begun.
    const net::tls_session* tls() const noexcept { return stream_.tls(); }

    // The lessee is done and hears no more. `clean`: a whole response was read, nothing was left over and
    // both sides keep the connection open; it goes to the pool. Otherwise it is closed.
    void give_back(bool clean);

private:
    friend class pool;
    friend class pools;

    void start(upstream::pool& home, lessee& user);
    void go_idle();
    void on_idle_timer();
    void retire();
    void on_connected(const net::error_code& error);
    bool secure();
    void count_handshake(const net::error_code& error) noexcept;
    void on_read(const net::error_code& error, std::size_t size);

    net::loop& loop_;
    static const net::stream::callbacks callbacks_;
    net::stream stream_;
    net::deadline idle_timer_;
    upstream::pool* pool_ = nullptr;
    lessee* user_ = nullptr;
    connection *older_ = nullptr, *newer_ = nullptr; // neighbours among the pool's idle ones
    instant secured_at_ = 0;                         // when the handshake began
    bool reused_ = false, idle_ = false;
    char small_[small_size]; // on an idle connection a byte is nothing that we asked for
};

} // namespace adit::upstream
