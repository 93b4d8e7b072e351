// One client of the admin API: requests in order, each answered before the next is read, or a stream of
// events until either side ends it. Keeps itself alive through its operations; control thread only.
#pragma once

#include "admin/call.hpp"
#include "admin/event_hub.hpp"
#include "admin/switchboard.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <string>

namespace adit::admin {

class connection final : public event_reader, public std::enable_shared_from_this<connection> {
public:
    connection(
        boost::asio::ip::tcp::socket socket, std::shared_ptr<switchboard> home,
        std::shared_ptr<address_count> count
    );
    ~connection() override;

    void start();
    // Answers 503 without having read a request.
    void shed();
    // Closes where nothing is under way, ends a stream, else lets the answer go out as the last one.
    void stop();
    void close_now();

    void push(const std::string& frame) override;

private:
    enum class phase { idle, reading, answering, sending, streaming, lingering, closed };
    using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using message = boost::beast::http::response<boost::beast::http::string_body>;

    void read_next();
    void read_head();
    void on_head(boost::system::error_code error);
    std::optional<problem> check_head();
    std::optional<problem> check_guards(std::string_view host);
    std::optional<problem> check_body_rule();
    void read_body();
    void send_continue();
    void on_body(boost::system::error_code error);
    void on_bad_request(boost::system::error_code error);
    void dispatch();
    void refuse(const problem& why); // the rest of the request is not read: the connection ends
    void send(response answer);
    void linger();
    void discard();

    void start_stream();
    bool open_stream();
    void start_events();
    void write_stream();
    void watch_stream();
    void end_stream();

    // tapping.cpp
    void start_tap();
    void hear(const observe::tap_batch& batch);
    void beat();

    std::string_view field(std::string_view name) const; // null view where there is none
    std::string peer_address() const;

    boost::beast::tcp_stream stream_;
    std::shared_ptr<switchboard> home_;
    std::shared_ptr<address_count> count_;
    boost::beast::flat_buffer buffer_;
    boost::asio::steady_timer answer_timer_;
    phase phase_ = phase::idle;
    bool last_ = false; // no request is read after the one under way

    std::optional<parser> parser_;
    const endpoint* endpoint_ = nullptr;
    call call_;
    std::string allow_;      // for 405
    std::uint64_t turn_ = 0; // of the request under way: a late reply of the control finds another
    std::optional<message> answer_;

    bool chunked_ = false;
    bool ending_ = false;   // nothing is added any more
    bool finished_ = false; // the last write is under way or done
    bool writing_ = false;
    std::string pending_; // frames that wait for the write under way
    std::string batch_;

    std::shared_ptr<void> tap_; // null: no tap
    observe::tap_batch missed_; // counts of what did not fit into pending_
};

} // namespace adit::admin
