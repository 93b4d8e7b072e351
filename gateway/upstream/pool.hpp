// The connections of one worker to one endpoint, and all pools of a worker.
#pragma once

#include "core/object_pool.hpp"
#include "net/tls_target.hpp"
#include "net/tls_wire.hpp"
#include "observe/worker_counters.hpp"
#include "upstream/connection.hpp"
#include "upstream/endpoint_state.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace adit::upstream {

class pools;

// "10.0.0.1:80", "[fd00::1]:80"
std::string to_text(const net::tcp::endpoint& address);

// Idle connections are lent last in, first out, so that the rest of them can grow old and be closed. A pool
// lives until the last who kept it has let it go: then its idle connections are closed, and with the last one
// that is still lent it is gone. One that nobody ever kept lives as long as its worker.
class pool {
public:
    // What pools differ by: connections are never shared between an upstream and the same one over TLS, nor
    // between two ways to speak that. The state where connections are limited, which it counts.
    using identity = std::tuple<net::tcp::endpoint, std::string, const endpoint_state*>;

    // `counted`: where there is a limit, `most`, of connections of all workers.
    pool(
        pools& owner, const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls,
        std::shared_ptr<endpoint_state> counted = {}, std::uint32_t most = 0
    );

    // For whoever remembers the pool beyond one call.
    void keep() noexcept { ++keepers_; }
    void let_go();

    const net::tcp::endpoint& address() const noexcept { return address_; }
    // Null where it is spoken to in clear.
    const net::tls_target* tls() const noexcept { return tls_.get(); }
    identity key() const { return {address_, tls_ ? tls_->identity() : std::string{}, counted_.get()}; }
    // "10.0.0.1:80", "[fd00::1]:80"
    const std::string& text() const noexcept { return text_; }

    // An idle connection if there is one that is allowed, else a new one that is connecting: then
    // upstream_connected() follows, never before lease() has returned. `checked`: one that the kernel already
    // knows to be closed, or that has bytes to read, is passed over (one system call for each looked at).
    // `fresh`: always a new one.
    enum class demand { any, checked, fresh };
    connection& lease(lessee& user, demand what);

    std::size_t idle() const noexcept { return idle_count_; }
    void close_idle();

    // Of a pool with a limit: lease() will not have to go beyond it. False when all connections are open, of
    // whatever worker, and none is idle here.
    bool reserve() noexcept;

private:
    friend class connection;
    friend class pools;

    void link(connection& one) noexcept;
    void unlink(connection& one) noexcept;
    bool forgotten() const noexcept { return forgotten_ && keepers_ == 0; }
    void returned();
    void opened() noexcept;
    void closed() noexcept;

    pools& owner_;
    net::tcp::endpoint address_;
    std::shared_ptr<const net::tls_target> tls_;
    net::openssl_ptr<SSL_SESSION> session_; // the last that the endpoint gave, to resume
    std::string text_;
    connection* newest_ = nullptr;
    std::size_t idle_count_ = 0;
    std::uint32_t keepers_ = 0;
    std::uint32_t lent_ = 0;
    bool forgotten_ = false;                  // was kept once, and let go
    bool reserved_ = false;                   // the next connection that opens is counted already
    std::shared_ptr<endpoint_state> counted_; // where connections are counted; null without a limit
    std::uint32_t most_ = 0;
};

class pools {
public:
    // At most this many idle connections of one worker to one endpoint.
    static constexpr std::size_t max_idle = 1024;

    pools(net::loop& loop, observe::worker_counters& counters, net::tls_wire& wire)
        : loop_(loop), counters_(counters), wire_(wire) {}

    pool& of(const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls = nullptr);
    // One of its own for an endpoint with a limit of connections, which `counted` counts over all workers.
    pool& limited(
        const net::tcp::endpoint& address, std::shared_ptr<const net::tls_target> tls,
        std::shared_ptr<endpoint_state> counted, std::uint32_t most
    );
    void idle_timeout(std::chrono::nanoseconds value) noexcept { idle_timeout_ = value; }
    // Idle connections are closed; used when draining.
    void close_idle();
    std::size_t size() const noexcept { return pools_.size(); }

private:
    friend class pool;
    friend class connection;

    net::loop& loop_;
    observe::worker_counters& counters_;
    net::tls_wire& wire_;
    std::chrono::nanoseconds idle_timeout_ = std::chrono::seconds(60);
    object_pool<connection> connections_;
    std::map<pool::identity, std::unique_ptr<pool>> pools_;
};

} // namespace adit::upstream
