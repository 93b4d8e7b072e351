// All workers, as the control thread drives them.
#pragma once

#include "proxy/worker.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace adit::proxy {

// Control thread only; every callback is called there.
class fleet {
public:
    // Clients get no descriptor from `descriptor_ceiling` on. `failing`: an endpoint has failed as often as
    // its track allows; called on the control thread.
    fleet(
        boost::asio::io_context& control, unsigned workers, int descriptor_ceiling,
        const worker::failing_listener& failing = {}
    );
    ~fleet();

    void start();
    // One socket for each worker at the same address; connections are served from now on. Returns what was
    // bound. Throws boost::system::system_error; then nothing was opened.
    net::tcp::endpoint listen(const net::tcp::endpoint& at, std::shared_ptr<const entrance> door = nullptr);
    // Listening sockets of one address that others hold too: spread over the workers, each of which gets at
    // least one. Takes the descriptors over. `door` as for listen().
    void adopt(std::vector<int> sockets, std::shared_ptr<const entrance> door = nullptr);
    // For connections from now on; `number` counts the calls of listen() and adopt() from 0.
    void change_entrance(std::size_t number, const std::shared_ptr<const entrance>& door);

    // `done` when every worker has taken the change: no request is decided by what was before from then on.
    void apply(update change, std::function<void()> done = {});

    // One for each worker, by index; `done` when none writes to what it had before any more.
    void record(std::vector<recording> to, std::function<void()> done = {});

    // From now on every response ends its connection; connections are still accepted.
    void announce_drain();
    // Stops accepting, ends idle connections and lets exchanges finish; `done` when all connections are gone.
    void drain(std::function<void()> done);
    // Ends everything and joins the threads.
    void stop();

    std::vector<observe::worker_counters*> counters();
    // Client connections of all workers that are in this state just now.
    std::int64_t connections(observe::connection_state in) const noexcept;
    proxy::pressure& pressure() noexcept { return pressure_; }
    const proxy::pressure& pressure() const noexcept { return pressure_; }
    // Memory that workers keep for later goes back to the system.
    void trim();
    std::size_t size() const noexcept { return workers_.size(); }

private:
    proxy::pressure pressure_;
    std::size_t entrances_ = 0;
    std::vector<std::unique_ptr<worker>> workers_;
};

} // namespace adit::proxy
