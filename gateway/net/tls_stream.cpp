// The parts of a stream that know TLS.
#include "net/stream.hpp"
#include "net/tls_session.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace adit::net {

void stream::secure(std::unique_ptr<tls_session> session) noexcept {
    tls_ = std::move(session);
    tls_->attach(*this);
    securing_ = true;
    defer(); // bytes may be here already, and a client speaks first
}

void stream::shake() {
    const auto life = life_;
    switch (tls_->handshake()) {
    case io::blocked: return;
    case io::done:
        securing_ = false;
        if (tls_->holds_bytes()) readable_ = true;
        to_.connected(owner_, {});
        if (life == life_ && is_open() && reading_ && readable_) read_now();
        return;
    default: break;
    }
    const error_code error{errno, boost::system::system_category()};
    securing_ = false;
    to_.connected(owner_, error);
}

io stream::receive_secured(char* data, std::size_t size, std::size_t& got) noexcept {
    return tls_->receive(data, size, got);
}

io stream::send_secured(const iovec* parts, std::size_t count, std::size_t& sent) noexcept {
    return tls_->send(parts, count, sent);
}

bool stream::silent_secured() noexcept {
    return tls_->silent();
}

void stream::flush_secured() noexcept {
    tls_->flush(); // what fails here is told to whom reads or writes
    if (ending_ && flushed_secured()) {
        ending_ = false;
        ::shutdown(descriptor_, SHUT_WR);
    }
}

bool stream::flushed_secured() noexcept {
    return tls_->flush() != io::blocked;
}

void stream::leave_secured() noexcept {
    tls_->say_end();
}

} // namespace adit::net
