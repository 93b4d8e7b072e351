// The HTTP API for operators: one server, any number of addresses of two roles. Lives on the control thread.
#pragma once

#include "admin/control.hpp"
#include "core/complaint.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace adit::admin {

// status: read only, for probes and scrapers, never asks for a token. admin: everything.
enum class role { status, admin };

// One attempted change, told when its answer is known.
struct audit_record {
    actor by{};
    std::string what{};   // "weights.put", "weights.delete", "kill", "unkill", "reload"
    std::string object{}; // route name or names; empty = the whole gateway
    std::string before{}; // JSON, may be empty
    std::string after{};  // JSON, may be empty
    std::string result{}; // "ok" or the name of the problem
    unsigned status = 0;
};

struct server_limits {
    std::size_t head = 16 * 1024;            // bytes; more is 431
    std::size_t body = 1024 * 1024;          // bytes; more is 413
    std::size_t connections = 256;           // for each address; more are answered 503
    std::size_t streams = 64;                // readers of events; more are answered 503
    std::size_t taps = 8;                    // readers of exchanges; more are answered 503
    std::size_t events = 256;                // kept for Last-Event-ID
    std::size_t backlog = 256 * 1024;        // bytes waiting for one reader of events; more and it is dropped
    std::chrono::milliseconds idle{60'000};  // a connection between two requests
    std::chrono::milliseconds read{10'000};  // a whole head, then a whole body
    std::chrono::milliseconds write{30'000}; // a whole answer
    std::chrono::milliseconds answer{30'000};    // for the control to reply; then 504
    std::chrono::milliseconds heartbeat{15'000}; // between comments on a quiet stream
    std::chrono::milliseconds linger{2'000};     // for a peer to stop sending what was refused
};

struct server_options {
    std::string token_file{}; // empty = no token is asked for
    server_limits limits;
    std::function<void(const audit_record&)> audit{}; // may be empty
    std::function<void(const std::string& warning)>
        complain; // of the server itself (token file gone), may be empty
};

// Whether an admin API may listen at `address` ("127.0.0.1:9090", "[::1]:0", ":9090", "localhost:9090"):
// elsewhere than on loopback only with a token, or where the operator has said that it is to be open.
complaints check_admin_address(std::string_view address, bool has_token, bool open);

// "host:port" as above to an endpoint; no name but localhost. `why` gets one sentence where there is none.
std::optional<boost::asio::ip::tcp::endpoint>
parse_address(std::string_view address, std::string* why = nullptr);

class server {
public:
    // Throws std::runtime_error, with a sentence for the operator, where the token file cannot be used.
    server(boost::asio::io_context& context, control& gateway, server_options options);
    // Every connection is closed at once.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Binds, listens and accepts; returns what was bound. Throws boost::system::system_error.
    boost::asio::ip::tcp::endpoint listen(role as, const boost::asio::ip::tcp::endpoint& at);

    // Accepts from a listening socket that others hold, too; takes the descriptor over. Returns where it
    // listens. Throws boost::system::system_error.
    boost::asio::ip::tcp::endpoint adopt(role as, int descriptor);

    // Leaves adopted sockets, and who waits in their queues, to the others.
    void leave_adopted();

    // No new connections; idle ones are closed, streams ended, answers under way finished; then `done` (may
    // be empty).
    void stop(std::function<void()> done = {});

    std::size_t connections() const noexcept;

private:
    struct state;
    std::shared_ptr<state> state_; // shared with connections, which end after the server
};

} // namespace adit::admin
