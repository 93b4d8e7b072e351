// How a daemon leaves: it says so, goes on for a while so that balancers notice, stops accepting, waits for
// what is under way, and cuts off what is left.
#pragma once

#include "admin/control.hpp"
#include "proxy/fleet.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace adit::cli {

// Control thread only. Every step is logged and told as an event "drain".
class departure {
public:
    using clock = std::chrono::steady_clock;

    departure(
        boost::asio::io_context& control, proxy::fleet& fleet, std::function<void(const admin::event&)> tell
    );

    // Accepts for so long, then waits at most so long; `done` is called once, when nothing is left or time is
    // over.
    void
    begin(std::chrono::milliseconds accepting, std::chrono::milliseconds at_most, std::function<void()> done);
    // `done` will not be called any more.
    void cancel();

    bool begun() const noexcept { return step_ != step::none; }
    // What it is about, in one line for people.
    std::string text() const;

private:
    enum class step { none, accepting, finishing, over };
    // What is carried at the moment.
    struct load {
        std::int64_t connections, exchanges, tunnels;
    };

    load carried() const;
    void stop_accepting();
    void end(bool cut);
    void say(std::string_view what, std::string_view word, std::chrono::milliseconds lasting, bool warn);

    boost::asio::steady_timer timer_;
    proxy::fleet& fleet_;
    std::function<void(const admin::event&)> tell_;
    std::function<void()> done_;
    std::chrono::milliseconds at_most_{};
    clock::time_point began_{}, step_ends_{};
    step step_ = step::none;
};

} // namespace adit::cli
