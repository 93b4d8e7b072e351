#include "proxy/fleet.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace adit::proxy {

namespace {

// Calls `all` once it has itself been called as often as there are workers.
std::function<void()> after_each(std::size_t count, std::function<void()> all) {
    return [left = std::make_shared<std::size_t>(count), all = std::move(all)] {
        if (--*left == 0 && all) all();
    };
}

} // namespace

fleet::fleet(
    boost::asio::io_context& control, unsigned workers, int descriptor_ceiling,
    const worker::failing_listener& failing
) {
    pressure_.descriptor_ceiling = descriptor_ceiling;
    for (unsigned i = 0; i < workers; ++i)
        workers_.push_back(std::make_unique<worker>(
            i, [&control](std::function<void()> message) { boost::asio::post(control, std::move(message)); },
            pressure_
        ));
    std::vector<worker*> all;
    for (auto& one : workers_) all.push_back(one.get());
    for (auto& one : workers_) {
        one->meet(all);
        one->on_failing(failing);
    }
}

fleet::~fleet() {
    stop();
}

void fleet::start() {
    for (auto& one : workers_) one->start();
}

net::tcp::endpoint fleet::listen(const net::tcp::endpoint& at, std::shared_ptr<const entrance> door) {
    std::vector<int> descriptors;
    auto address = at;
    try {
        for (std::size_t i = 0; i < workers_.size(); ++i) {
            descriptors.push_back(net::open_listener(address));
            if (i == 0) address = net::bound_endpoint(descriptors.front());
        }
    } catch (...) {
        for (const int one : descriptors) ::close(one);
        throw;
    }
    const auto number = entrances_++;
    for (std::size_t i = 0; i < workers_.size(); ++i)
        workers_[i]->add_listener(number, descriptors[i], net::sharing::own, door);
    return address;
}

void fleet::change_entrance(std::size_t number, const std::shared_ptr<const entrance>& door) {
    for (auto& one : workers_) one->change_listeners(number, door);
}

void fleet::adopt(std::vector<int> sockets, std::shared_ptr<const entrance> door) {
    const auto number = entrances_++;
    // More workers than sockets: some share one. More sockets than workers: some have several.
    const auto shares = std::max(sockets.size(), workers_.size());
    for (std::size_t i = 0; i < shares; ++i) {
        int socket = sockets[i % sockets.size()];
        if (i >= sockets.size()) socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
        if (socket >= 0)
            workers_[i % workers_.size()]->add_listener(number, socket, net::sharing::shared, door);
    }
}

void fleet::trim() {
    for (auto& one : workers_) one->trim();
}

void fleet::apply(update change, std::function<void()> done) {
    const auto shared = std::make_shared<const update>(std::move(change));
    const auto one_done = after_each(workers_.size(), std::move(done));
    for (auto& one : workers_) one->apply(shared, one_done);
}

void fleet::record(std::vector<recording> to, std::function<void()> done) {
    const auto one_done = after_each(workers_.size(), std::move(done));
    for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->record(std::move(to[i]), one_done);
}

void fleet::announce_drain() {
    for (auto& one : workers_) one->announce_drain();
}

void fleet::drain(std::function<void()> done) {
    const auto one_done = after_each(workers_.size(), std::move(done));
    for (auto& one : workers_) one->drain(one_done);
}

void fleet::stop() {
    for (auto& one : workers_) one->stop();
}

std::vector<observe::worker_counters*> fleet::counters() {
    std::vector<observe::worker_counters*> out;
    for (auto& one : workers_) out.push_back(&one->counters());
    return out;
}

std::int64_t fleet::connections(observe::connection_state in) const noexcept {
    std::int64_t out = 0;
    for (const auto& one : workers_)
        out += std::as_const(*one).counters().connections[static_cast<std::size_t>(in)].value();
    return out;
}

} // namespace adit::proxy
