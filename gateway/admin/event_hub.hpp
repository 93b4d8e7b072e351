// Server-Sent Events: what happened, numbered and kept for a while, passed on to whoever reads the stream.
#pragma once

#include "admin/control.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace adit::admin {

// One reader of the stream. Calls come on the control thread; a reader that cannot keep up closes itself.
class event_reader {
public:
    virtual ~event_reader() = default;
    virtual void push(const std::string& frame) = 0;
};

class event_hub {
public:
    event_hub(boost::asio::io_context& context, std::size_t kept, std::chrono::milliseconds heartbeat);

    void publish(const event& what);

    // What a reader gets first: all that it missed since `last_id` (the Last-Event-ID field; empty = from now
    // on). An event "gap" comes before where some of it is gone, or where the id is of another life of the
    // gateway: whoever gets it asks for the state again.
    std::string greeting(std::string_view last_id) const;
    void add(std::weak_ptr<event_reader> reader);
    std::size_t readers() const;
    void stop();

private:
    struct kept_frame {
        std::uint64_t number;
        std::string text;
    };

    void push_all(const std::string& frame);
    void beat();

    std::size_t limit_;
    std::chrono::milliseconds heartbeat_;
    boost::asio::steady_timer timer_;
    bool beating_ = false;
    std::shared_ptr<bool> alive_ =
        std::make_shared<bool>(true); // until stop(); seen by a wait that outlives the hub
    std::string epoch_;               // tells one life of the gateway from another in the ids
    std::uint64_t last_ = 0;
    std::deque<kept_frame> ring_;
    std::vector<std::weak_ptr<event_reader>> readers_;
};

// "2026-11-22T16:19:07.250Z" (RFC 3339).
std::string timestamp(std::chrono::system_clock::time_point at);

} // namespace adit::admin
