#include "net/listener.hpp"

#include <boost/system/system_error.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace adit::net {

namespace {

[[noreturn]] void fail(const char* what) {
    throw boost::system::system_error(error_code(errno, boost::system::system_category()), what);
}

struct peer_address {
    ip_address address;
    std::uint16_t port = 0;
};

peer_address read_address(const sockaddr_storage& storage) noexcept {
    peer_address out;
    if (storage.ss_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
        std::array<std::uint8_t, 4> octets;
        std::memcpy(octets.data(), &in.sin_addr, 4);
        out.address = ip_address::v4(octets);
        out.port = ntohs(in.sin_port);
    } else {
        const auto& in = reinterpret_cast<const sockaddr_in6&>(storage);
        std::memcpy(out.address.bytes.data(), &in.sin6_addr, 16);
        out.port = ntohs(in.sin6_port);
    }
    return out;
}

} // namespace

int open_listener(const tcp::endpoint& at) {
    const int descriptor = ::socket(at.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    const int on = 1, off = 0;
    // TCP_NODELAY is inherited by accepted connections: one call here instead of one for each of them.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at.address().is_v6()) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
        ::bind(descriptor, at.data(), static_cast<socklen_t>(at.size())) != 0 ||
        ::listen(descriptor, 4096) != 0) {
        const int error = errno;
        ::close(descriptor);
        errno = error;
        fail("listen");
    }
    return descriptor;
}

tcp::endpoint bound_endpoint(int descriptor) {
    tcp::endpoint out;
    auto size = static_cast<socklen_t>(out.capacity());
    if (::getsockname(descriptor, out.data(), &size) != 0) fail("getsockname");
    out.resize(size);
    return out;
}

ip_address to_ip(const boost::asio::ip::address& address) noexcept {
    if (address.is_v4()) return ip_address::v4(address.to_v4().to_bytes());
    ip_address out;
    out.bytes = address.to_v6().to_bytes();
    return out;
}

listener::listener(
    net::loop& loop, int descriptor, net::sharing with, receiver receive, observe::counter& pauses
)
    : loop_(loop),
      descriptor_(descriptor),
      with_(with),
      pause_([](void* self) { static_cast<listener*>(self)->watch(); }, this),
      local_(bound_endpoint(descriptor)),
      receive_(std::move(receive)),
      pauses_(pauses) {}

listener::~listener() {
    leave();
}

void listener::start() {
    watch();
    if (!watched_) fail("epoll_ctl");
}

// Of those who share a socket the kernel wakes one for each connection, not all.
void listener::watch() {
    const std::uint32_t events = EPOLLIN | (with_ == sharing::shared ? EPOLLEXCLUSIVE : 0U);
    watched_ = descriptor_ >= 0 && loop_.add(*this, descriptor_, events);
}

void listener::ready(std::uint32_t) {
    for (int i = 0; i < batch && descriptor_ >= 0; ++i) {
        switch (accept_one()) {
        case outcome::accepted: continue;
        case outcome::full: return pause();
        case outcome::nothing:
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
            return;
        }
    }
}

// The kernel's queue keeps who waits; asking again at once would only spin. Taken out of the set and put in
// again, because a shared socket's registration cannot be changed (EPOLLEXCLUSIVE, epoll_ctl(2)).
void listener::pause() {
    if (descriptor_ < 0) return;
    pauses_.add();
    loop_.remove(*this, descriptor_);
    watched_ = false;
    loop_.set(pause_, rest);
}

listener::outcome listener::accept_one() {
    sockaddr_storage storage;
    for (;;) {
        socklen_t size = sizeof storage;
        const int descriptor = ::accept4(
            descriptor_, reinterpret_cast<sockaddr*>(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC
        );
        if (descriptor >= 0) {
            const auto peer = read_address(storage);
            const bool go_on = receive_({descriptor, peer.address, peer.port, local_.port()});
            return go_on ? outcome::accepted : outcome::full;
        }
        // A connection that died in the queue is nobody's fault; the next one may be well (accept(2)).
        if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) continue;
        return outcome::nothing;
    }
}

void listener::stop() {
    if (descriptor_ < 0) return;
    while (with_ == sharing::own && accept_one() != outcome::nothing) {
    }
    leave();
}

void listener::leave() noexcept {
    loop_.cancel(pause_);
    if (descriptor_ < 0) return;
    if (watched_) loop_.remove(*this, descriptor_); // closing does not, while others have the socket
    ::close(descriptor_);
    descriptor_ = -1;
}

} // namespace adit::net
