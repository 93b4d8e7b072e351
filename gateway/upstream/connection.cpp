#include "upstream/connection.hpp"

#include "net/tls_session.hpp"
#include "upstream/pool.hpp"

#include <boost/asio/error.hpp>

namespace adit::upstream {

const net::stream::callbacks connection::callbacks_{
    .read = [](void* self, const net::error_code& error,
               std::size_t size) { static_cast<connection*>(self)->on_read(error, size); },
    .writable =
        [](void* self) {
            if (auto* user = static_cast<connection*>(self)->user_) user->upstream_writable();
        },
    .connected = [](void* self,
                    const net::error_code& error) { static_cast<connection*>(self)->on_connected(error); }};

connection::connection(net::loop& loop)
    : loop_(loop),
      stream_(loop, this, callbacks_),
      idle_timer_([](void* self) { static_cast<connection*>(self)->on_idle_timer(); }, this) {}

void connection::start(upstream::pool& home, lessee& user) {
    pool_ = &home;
    user_ = &user;
    reused_ = idle_ = false;
    stream_.connect(home.address());
}

void connection::on_connected(const net::error_code& error) {
    if (stream_.tls()) {
        count_handshake(error);
    } else if (!error && pool_->tls()) {
        if (secure()) {
            if (user_) user_->upstream_securing();
            return;
        }
        if (user_) user_->upstream_connected(boost::asio::error::no_memory);
        return;
    }
    if (user_) user_->upstream_connected(error);
}

bool connection::secure() {
    auto session = net::tls_session::call(pool_->owner_.wire_, pool_->tls()->connection(), &pool_->session_);
    if (!session) return false;
    secured_at_ = loop_.now();
    stream_.secure(std::move(session));
    return true;
}

void connection::count_handshake(const net::error_code& error) noexcept {
    const auto& session = *stream_.tls();
    auto& counters = pool_->owner_.counters_.tls_upstreams;
    if (error) return counters.failed[static_cast<std::size_t>(session.failure())].add();
    counters.done[session.tls13()][session.resumed()].add();
    counters.duration.record(static_cast<std::uint64_t>(loop_.now() - secured_at_));
}

void connection::read_into(char* data, std::size_t size) {
    stream_.read_into(data, size);
    if (!stream_.reading()) stream_.arm_read();
}

void connection::on_read(const net::error_code& error, std::size_t size) {
    if (user_)
        user_->upstream_read(error, size);
    else
        retire(); // closed by the endpoint while idle, or it sent what nobody asked for
}

void connection::wait_writable() {
    if (!stream_.writing()) stream_.arm_write();
}

void connection::give_back(bool clean) {
    user_ = nullptr;
    auto& home = *pool_;
    if (clean && stream_.is_open() && !stream_.writing() && home.idle() < pools::max_idle &&
        !home.forgotten())
        go_idle();
    else
        retire();
    home.returned();
}

void connection::go_idle() {
    idle_ = true;
    reused_ = true;
    pool_->link(*this);
    loop_.set(idle_timer_, pool_->owner_.idle_timeout_);
    read_small();
}

void connection::on_idle_timer() {
    pool_->owner_.counters_.timeout(observe::timeout_kind::upstream_idle).add();
    retire();
}

void connection::retire() {
    if (idle_) {
        idle_ = false;
        pool_->unlink(*this);
    }
    loop_.cancel(idle_timer_);
    user_ = nullptr;
    stream_.close();
    pool_->closed();
    pool_->owner_.connections_.give_back(*this);
}

} // namespace adit::upstream
