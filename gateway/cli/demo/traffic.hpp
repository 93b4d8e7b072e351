// The demonstration's users: a steady stream of requests from people who keep their cookies.
#pragma once

#include "cli/demo/shares.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace adit::cli {

struct traffic_options {
    double rate = 20;            // requests a second
    unsigned users = 200;        // each with a cookie jar
    std::size_t connections = 4; // kept alive, taken in turn: they may lead to different workers
};

// Belongs to the thread of the io_context; after that has ended, to any.
class demo_traffic {
public:
    explicit demo_traffic(boost::asio::io_context& context, traffic_options options = {});
    ~demo_traffic();
    demo_traffic(const demo_traffic&) = delete;
    demo_traffic& operator=(const demo_traffic&) = delete;

    // Begins; a gateway that is away is tried again, ever less often.
    void start(const boost::asio::ip::tcp::endpoint& gateway);
    void stop();

    const demo_shares::counts& counts() const noexcept; // since the start
    std::size_t users_with_cookies() const noexcept;
    std::string share_line() const;

private:
    struct state;
    class connection;

    std::shared_ptr<state> state_;
};

} // namespace adit::cli
