#include "net/stream.hpp"

#include "net/tls_session.hpp"

#include <boost/asio/error.hpp>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace adit::net {

namespace {

constexpr int receive_window = 1024 * 1024; // bytes; 1 GB/s at a millisecond away
constexpr std::uint32_t all_edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

error_code system_error(int number) noexcept {
    return {number, boost::system::system_category()};
}

bool would_block(int number) noexcept {
    return number == EAGAIN || number == EWOULDBLOCK;
}

} // namespace

stream::stream(net::loop& loop, void* owner, const callbacks& to) noexcept
    : loop_(loop), owner_(owner), to_(to) {}

stream::~stream() {
    close();
    if (deferred_) loop_.forget(*this);
}

void stream::open(int descriptor) noexcept {
    descriptor_ = descriptor;
    ++life_;
    reading_ = writing_ = connecting_ = readable_ = ended_ = securing_ = ending_ = false;
    connect_error_ = 0;
}

bool stream::assign(int descriptor) noexcept {
    open(descriptor);
    if (loop_.add(*this, descriptor, all_edges)) return true;
    close();
    return false;
}

void stream::connect(const tcp::endpoint& to) noexcept {
    const int descriptor = ::socket(to.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int number = errno;
    open(descriptor);
    connecting_ = true;
    if (descriptor < 0) {
        connect_error_ = number;
        return defer();
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Without a bound the kernel's own buffer grows to tens of megabytes for one client that does not read.
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_WINDOW_CLAMP, &receive_window, sizeof receive_window);
    // Connected at once or later, the registration tells: EPOLLOUT is an edge that it begins with.
    const bool refused =
        ::connect(descriptor, to.data(), static_cast<socklen_t>(to.size())) != 0 && errno != EINPROGRESS;
    if (refused || !loop_.add(*this, descriptor, all_edges)) {
        connect_error_ = errno;
        defer();
    }
}

void stream::ready(std::uint32_t events) {
    // Left over in this turn from a registration that has ended: nothing that a closed descriptor, or one
    // that was never registered, could have to say.
    if (!is_open() || connect_error_ != 0) return;
    constexpr std::uint32_t broken = EPOLLHUP | EPOLLERR;
    if (events & (EPOLLRDHUP | broken)) ended_ = true;
    if (events & (EPOLLIN | EPOLLRDHUP | broken)) readable_ = true;
    if (connecting_) {
        if (events & (EPOLLOUT | broken)) finish_connect();
        return;
    }
    if (tls_) {
        if (events & EPOLLOUT) flush_secured();
        if (securing_) return shake();
    }
    const auto life = life_;
    if (writing_ && events & (EPOLLOUT | broken)) {
        writing_ = false;
        to_.writable(owner_);
        if (life != life_ || !is_open()) return;
    }
    if (reading_) {
        if (readable_) read_now();
    } else if (events & (EPOLLRDHUP | EPOLLERR) && to_.hung_up) {
        to_.hung_up(owner_, (events & EPOLLERR) != 0);
    }
}

void stream::resume() {
    deferred_ = false;
    if (connecting_ && connect_error_ != 0) {
        connecting_ = false;
        to_.connected(owner_, system_error(connect_error_));
    } else if (securing_) {
        shake();
    } else if (is_open() && reading_ && readable_) {
        read_now();
    }
}

void stream::finish_connect() {
    connecting_ = false;
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &number, &size) != 0) number = errno;
    to_.connected(owner_, number ? system_error(number) : error_code{});
}

void stream::read_now() {
    std::size_t got = 0;
    switch (receive(target_, room_, got)) {
    case io::blocked: return;
    case io::done: reading_ = false; return to_.read(owner_, {}, got);
    case io::closed: reading_ = false; return to_.read(owner_, boost::asio::error::eof, 0);
    case io::failed: reading_ = false; return to_.read(owner_, system_error(errno), 0);
    }
}

io stream::receive_raw(char* data, std::size_t size, std::size_t& got) noexcept {
    for (;;) {
        const auto n = ::recv(descriptor_, data, size, 0);
        if (n > 0) {
            got = static_cast<std::size_t>(n);
            // A short read has emptied the socket: the next byte is a new edge. An end of file that is known
            // already is not.
            if (got < size && !ended_) readable_ = false;
            return io::done;
        }
        if (n == 0) return io::closed;
        if (errno == EINTR) continue;
        if (!would_block(errno)) return io::failed;
        readable_ = false;
        return io::blocked;
    }
}

io stream::send_raw(iovec* parts, std::size_t count, std::size_t& sent) noexcept {
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    for (;;) {
        const auto n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        if (n >= 0) {
            sent = static_cast<std::size_t>(n);
            return io::done;
        }
        if (errno == EINTR) continue;
        sent = 0;
        return would_block(errno) ? io::blocked : io::failed;
    }
}

bool stream::silent() noexcept {
    if (tls_) return silent_secured();
    char octet;
    return ::recv(descriptor_, &octet, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && would_block(errno);
}

std::size_t stream::unsent() const noexcept {
    int queued = 0;
    return ::ioctl(descriptor_, SIOCOUTQ, &queued) == 0 ? static_cast<std::size_t>(queued) : 0;
}

void stream::shutdown_send() noexcept {
    if (tls_) {
        leave_secured();
        ending_ = !flushed_secured();
        if (ending_) return;
    }
    ::shutdown(descriptor_, SHUT_WR);
}

void stream::close_with_reset() noexcept {
    const linger at_once{1, 0};
    if (is_open()) ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    tls_.reset(); // a word of farewell would say that all is well
    close();
}

void stream::close() noexcept {
    if (tls_) {
        leave_secured();
        tls_.reset();
    }
    reading_ = writing_ = connecting_ = readable_ = ended_ = securing_ = ending_ = false;
    if (!is_open()) return;
    ::close(descriptor_); // which ends its registration too: nobody has a copy of it
    descriptor_ = -1;
}

} // namespace adit::net
