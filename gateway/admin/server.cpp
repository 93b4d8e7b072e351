#include "admin/server.hpp"

#include "admin/connection.hpp"
#include "admin/switchboard.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace adit::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t shed_at_once = 64; // beyond the limit; more are closed without a word
constexpr std::chrono::milliseconds accept_again{
    100}; // after the process has run out of descriptors or memory

class listener : public std::enable_shared_from_this<listener> {
public:
    listener(asio::io_context& context, std::shared_ptr<switchboard> home, role as)
        : context_(context),
          acceptor_(context),
          again_(context),
          home_(std::move(home)),
          count_(std::make_shared<address_count>(address_count{as})) {}

    tcp::endpoint open(tcp::endpoint at) {
        error_code error;
        acceptor_.open(at.protocol(), error);
        // ":9090" means every address; on a machine without IPv6 those are the IPv4 ones.
        if (error == asio::error::address_family_not_supported &&
            at.address() == asio::ip::address_v6::any()) {
            at.address(asio::ip::address_v4::any());
            acceptor_.open(at.protocol());
        } else if (error) {
            throw boost::system::system_error(error);
        }
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        if (at.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(!at.address().is_unspecified()));
        acceptor_.bind(at);
        acceptor_.listen();
        return acceptor_.local_endpoint();
    }

    tcp::endpoint adopt(int descriptor) {
        tcp::endpoint at;
        auto size = static_cast<socklen_t>(at.capacity());
        if (::getsockname(descriptor, at.data(), &size) != 0)
            throw boost::system::system_error(errno, boost::system::system_category());
        at.resize(size);
        acceptor_.assign(at.protocol(), descriptor);
        adopted_ = true;
        return at;
    }
    bool adopted() const noexcept { return adopted_; }

    void accept() {
        acceptor_.async_accept(context_, [self = shared_from_this()](error_code error, tcp::socket socket) {
            if (!self->acceptor_.is_open()) return;
            if (!error) {
                self->welcome(std::move(socket));
                return self->accept();
            }
            if (error == asio::error::connection_aborted) return self->accept();
            self->again_.expires_after(accept_again);
            self->again_.async_wait([self](error_code stopped) {
                if (!stopped && self->acceptor_.is_open()) self->accept();
            });
        });
    }

    void close() {
        error_code ignored;
        // Not close(): while others have the socket that would not end its registration with the reactor.
        if (const int descriptor = acceptor_.is_open() ? acceptor_.release(ignored) : -1; descriptor >= 0)
            ::close(descriptor);
        again_.cancel();
    }

private:
    void welcome(tcp::socket socket) {
        const auto limit = home_->options.limits.connections;
        if (count_->open >= limit + shed_at_once) return;
        const auto client = std::make_shared<connection>(std::move(socket), home_, count_);
        count_->open > limit ? client->shed() : client->start();
    }

    asio::io_context& context_;
    tcp::acceptor acceptor_;
    asio::steady_timer again_;
    std::shared_ptr<switchboard> home_;
    std::shared_ptr<address_count> count_;
    bool adopted_ = false;
};

} // namespace

struct server::state : switchboard {
    state(asio::io_context& io, control& gateway, server_options given)
        : switchboard(io, gateway, std::move(given)), context(io) {}

    void stop_listening() {
        for (const auto& one : listeners) one->close();
        listeners.clear();
    }

    // Connections take themselves out of the set while they are told.
    template <class Tell>
    void tell_all(Tell tell) {
        std::vector<std::shared_ptr<connection>> all;
        for (auto* one : connections)
            if (auto alive = one->weak_from_this().lock()) all.push_back(std::move(alive));
        for (const auto& one : all) tell(*one);
    }

    asio::io_context& context;
    std::vector<std::shared_ptr<listener>> listeners;
    std::shared_ptr<void> subscription;
};

server::server(asio::io_context& context, control& gateway, server_options options)
    : state_(std::make_shared<state>(context, gateway, std::move(options))) {
    state_->subscription = gateway.subscribe([weak = std::weak_ptr(state_)](const event& what) {
        if (const auto alive = weak.lock()) alive->events.publish(what);
    });
}

server::~server() {
    state_->subscription.reset();
    state_->stopping = true;
    state_->when_empty = nullptr;
    state_->stop_listening();
    state_->events.stop();
    state_->tell_all([](connection& one) { one.close_now(); });
}

tcp::endpoint server::listen(role as, const tcp::endpoint& at) {
    const auto fresh = std::make_shared<listener>(state_->context, state_, as);
    auto bound = fresh->open(at);
    fresh->accept();
    state_->listeners.push_back(fresh);
    return bound;
}

tcp::endpoint server::adopt(role as, int descriptor) {
    const auto fresh = std::make_shared<listener>(state_->context, state_, as);
    auto at = fresh->adopt(descriptor);
    fresh->accept();
    state_->listeners.push_back(fresh);
    return at;
}

void server::leave_adopted() {
    auto& all = state_->listeners;
    for (const auto& one : all)
        if (one->adopted()) one->close();
    all.erase(
        std::remove_if(all.begin(), all.end(), [](const auto& one) { return one->adopted(); }), all.end()
    );
}

void server::stop(std::function<void()> done) {
    state_->stopping = true;
    state_->stop_listening();
    state_->events.stop();
    if (done) state_->when_empty = [&io = state_->context, done = std::move(done)] { asio::post(io, done); };
    state_->tell_all([](connection& one) { one.stop(); });
    if (state_->connections.empty() && state_->when_empty) std::exchange(state_->when_empty, nullptr)();
}

std::size_t server::connections() const noexcept {
    return state_->connections.size();
}

} // namespace adit::admin
