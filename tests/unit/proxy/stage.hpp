// One worker between sockets of the test: in front of it clients, behind it an endpoint, both the test's own.
#pragma once

#include "proxy/worker.hpp"

#include "unit/net/loop_thread.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace adit::tests {

class stage {
public:
    // `wish` gets a route for "shop.test". `send_buffer`: of the sockets to clients, where it matters.
    explicit stage(model::gateway wish = {}, int send_buffer = 0) : endpoint_(listening(0)) {
        model::route route;
        route.name = "shop";
        route.match.hosts = {"shop.test"};
        route.tracks.resize(1);
        route.tracks[0].name = "stable";
        const auto shared = std::make_shared<const model::route>(route);
        complaints none;
        const route::table_entry entry{0, shared};
        auto next = std::make_shared<proxy::snapshot>(*route::table::compile({&entry, 1}, none));
        next->limits = wish.limits;
        next->timeouts = wish.timeouts;
        auto chooser = canary::chooser::compile(*shared, {}, nullptr, none);
        auto compiled = std::make_shared<proxy::compiled_route>(proxy::compiled_route{
            0, shared, std::move(*chooser), {}});
        compiled->timeouts = wish.timeouts;
        next->routes.set(0, std::move(compiled));
        auto change = std::make_shared<proxy::update>();
        change->snapshot = std::move(next);
        change->taken.push_back(0);
        change->cuts.push_back({0, canary::make_cuts(*shared)});
        change->endpoints.push_back(
            {0, 0,
             std::make_shared<const proxy::endpoint_list>(proxy::endpoint_list{
                 {.address = net::bound_endpoint(endpoint_.get()), .state = nullptr}}),
             nullptr}
        );
        worker.start();
        ask([&](auto done) { worker.apply(change, done); });
        auto front = listening(send_buffer);
        front_ = net::bound_endpoint(front.get());
        worker.add_listener(0, front.release());
    }
    ~stage() { worker.stop(); }

    // A connected client; it asked the kernel for the least possible to receive into if `receive_buffer`
    // is 1.
    handle client(int receive_buffer = 0) {
        handle one{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (receive_buffer != 0)
            ::setsockopt(one.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        if (::connect(one.get(), front_.data(), static_cast<socklen_t>(front_.size())) != 0)
            ADD_FAILURE() << "connect: " << errno;
        return one;
    }
    // The next connection that the worker makes.
    handle upstream() {
        if (!endpoint_.wait(POLLIN)) return ADD_FAILURE() << "the worker does not connect", handle{};
        return handle{::accept4(endpoint_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    }

    // Does what begin(done) asks for and waits until done has been called by what stands for the control
    // thread.
    void ask(const std::function<void(std::function<void()>)>& begin) {
        bool done = false;
        begin([&] { done = true; });
        while (!done) next_message()();
    }
    // Keeps the worker from its sockets until the returned promise is fulfilled.
    std::promise<void> hold() {
        std::promise<void> go;
        auto gone = std::make_shared<std::future<void>>(go.get_future());
        worker.loop.post([gone] { gone->wait(); });
        return go;
    }
    std::uint64_t refusals(http::refusal reason) {
        return worker.counters().refusals[static_cast<std::size_t>(reason)].value();
    }

private:
    static handle listening(int send_buffer) {
        const int one = net::open_listener({boost::asio::ip::address_v4::loopback(), 0});
        // Accepted sockets inherit it.
        if (send_buffer != 0) ::setsockopt(one, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
        return handle{one};
    }
    std::function<void()> next_message() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, std::chrono::milliseconds(patience), [&] { return !messages_.empty(); }))
            throw std::runtime_error("the worker does not answer");
        auto one = std::move(messages_.front());
        messages_.pop_front();
        return one;
    }
    void post(std::function<void()> message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
        changed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> messages_;
    handle endpoint_;
    net::tcp::endpoint front_;
    proxy::pressure pressure_;

public:
    proxy::worker worker{0, [this](std::function<void()> message) { post(std::move(message)); }, pressure_};
    proxy::pressure& pressure() noexcept { return pressure_; }
};

} // namespace adit::tests
