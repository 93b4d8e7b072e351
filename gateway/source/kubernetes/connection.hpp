// A connection to the API server, made when it is needed and kept between requests. HTTP/1.1. Thin: what an
// answer means is decided by others.
#pragma once

#include "source/kubernetes/credentials.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace adit::source::kubernetes {

// One thread, the context's.
class connection {
public:
    struct listener {
        // In this order; nothing after `end`. None of them is called by send() itself. Each may ask the next
        // request only in `end`.
        std::function<void(unsigned status, std::optional<std::chrono::seconds> retry_after)> head;
        std::function<void(std::string_view)> bytes;
        std::function<void(const std::string& problem)> end; // empty: the answer is whole
    };

    connection(boost::asio::io_context& context, std::shared_ptr<credentials> as);
    // Nobody hears of what is under way.
    ~connection();
    connection(const connection&) = delete;

    struct request {
        std::string target; // below the path of the server
        const char* method = "GET";
        std::string body{};
        const char* body_type = "application/json";
    };
    // The answer has to begin within a bound of this class and to end within `lasts`. Not before the last one
    // has ended. What a kept connection does not answer is sent again on a new one.
    void send(const request& what, std::chrono::seconds lasts, listener hear);
    // Ends what is under way without a word, and the connection with it.
    void drop();

private:
    class link;
    struct asked;

    void ask();
    void ended(const std::string& problem, bool begun, bool keeps);

    boost::asio::io_context& context_;
    std::shared_ptr<credentials> as_;
    std::shared_ptr<link> link_;
    std::shared_ptr<asked> asked_;
};

} // namespace adit::source::kubernetes
