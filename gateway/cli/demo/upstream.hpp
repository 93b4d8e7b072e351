// One version of the demonstration's service: a small HTTP/1.1 server on 127.0.0.1 that says who it is.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace adit::cli {

// `/` is the page of dots, `/color` the answer that they are drawn from, `/healthz` says that it is well, and
// anything else is told back. Everything but what is marked otherwise belongs to the thread of the
// io_context; after that has ended, to any.
class demo_upstream {
public:
    enum class version : unsigned char { v1, v2 }; // blue and green

    // Listens at a free port at once; throws boost::system::system_error where it cannot.
    demo_upstream(boost::asio::io_context& context, version which);
    ~demo_upstream();
    demo_upstream(const demo_upstream&) = delete;
    demo_upstream& operator=(const demo_upstream&) = delete;

    boost::asio::ip::tcp::endpoint endpoint() const;

    // Share of answers, 0 to 1, that are a 500. The page itself and /healthz stay whole. Any thread.
    void set_errors(double share) noexcept;
    // Every answer waits so long, but for /healthz. Any thread.
    void set_latency(std::chrono::milliseconds wait) noexcept;
    // What the page advises for changing the weight; plain text.
    void set_weight_command(std::string text);

    // Answers begun so far. Any thread.
    std::uint64_t answers() const noexcept;
    std::size_t connections() const noexcept;

private:
    struct state;
    class session;

    std::shared_ptr<state> state_;
};

} // namespace adit::cli
