// A listening socket of one worker. Every worker has its own for each address (SO_REUSEPORT): the kernel
// shares new connections out among them and no lock is needed.
#pragma once

#include "core/ip.hpp"
#include "net/loop.hpp"
#include "net/stream.hpp"
#include "observe/counter.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace adit::net {

struct accepted {
    int descriptor; // non-blocking, close-on-exec, TCP_NODELAY; the receiver owns it
    ip_address peer;
    std::uint16_t peer_port;
    std::uint16_t local_port;
};

// Opens, binds and listens; throws boost::system::system_error. Descriptors made for the same address by one
// process share its connections. Port 0 picks one: bind the others to bound_port() then.
int open_listener(const tcp::endpoint& at);
tcp::endpoint bound_endpoint(int descriptor);

ip_address to_ip(const boost::asio::ip::address& address) noexcept;

// Whether others accept from the same socket, in this process or in another one.
enum class sharing : bool { own, shared };

class listener final : public pollable {
public:
    // False: there is no room for a while. The listener then rests, and who comes waits in the kernel's
    // queue.
    using receiver = std::function<bool(const accepted&)>;

    // Takes the descriptor over. `pauses` counts how often it rested.
    listener(net::loop& loop, int descriptor, net::sharing with, receiver receive, observe::counter& pauses);
    ~listener();

    // Begins to accept; throws boost::system::system_error.
    void start();
    // What the kernel has queued for this socket is still accepted; then the socket is closed, which would
    // reset what is left in its queue. A shared one is left to the others, with its queue.
    void stop();
    const tcp::endpoint& local() const noexcept { return local_; }

private:
    void ready(std::uint32_t events) override;
    enum class outcome : std::uint8_t { accepted, full, nothing }; // nothing: with the reason in errno
    outcome accept_one();
    void watch();
    void pause();
    void leave() noexcept;

    static constexpr int batch = 16; // accepted in one turn of the loop, for fairness to those who wait in it
    static constexpr std::chrono::milliseconds rest{200}; // after running out of descriptors

    net::loop& loop_;
    int descriptor_;
    net::sharing with_;
    bool watched_ = false;
    deadline pause_;
    tcp::endpoint local_;
    receiver receive_;
    observe::counter& pauses_;
};

} // namespace adit::net
