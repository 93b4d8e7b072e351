// Everything of the demonstration but the gateway, on a thread of its own.
#pragma once

#include "cli/demo/traffic.hpp"
#include "cli/demo/upstream.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <string>
#include <thread>

namespace adit::cli {

// The thread runs from construction to end(). Throws boost::system::system_error where a port cannot be had.
class demo_stage {
public:
    explicit demo_stage(traffic_options options = {});
    ~demo_stage();
    demo_stage(const demo_stage&) = delete;
    demo_stage& operator=(const demo_stage&) = delete;

    const demo_upstream& v1() const noexcept { return v1_; }
    const demo_upstream& v2() const noexcept { return v2_; }

    // Lets the users in and tells the page how the weight is changed.
    void open(const boost::asio::ip::tcp::endpoint& gateway, const std::string& weight_command);
    // What the users have seen; the thread has ended then.
    std::string end();

private:
    void run();

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    demo_upstream v1_, v2_;
    demo_traffic traffic_;
    std::thread thread_;
};

} // namespace adit::cli
