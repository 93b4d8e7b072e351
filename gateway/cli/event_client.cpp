#include "cli/event_client.hpp"

#include "cli/api_wire.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <utility>

namespace adit::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr std::size_t longest_line = 1024 * 1024; // bytes; more is no stream of ours

// One stream on an io_context of its own.
class stream_reader {
public:
    stream_reader(const api_address& where, const api_request& from, event_parser::listener hear)
        : where_(where), request_(to_message(where, from)), events_(std::move(hear)) {
        parser_.body_limit(boost::none);
        parser_.on_chunk_body(on_piece_);
        stream_.expires_after(from.timeout);
    }

    error_code run() {
        error_code error;
        const auto places = tcp::resolver(context_).resolve(where_.host, where_.port, error);
        if (error) return error;
        stream_.async_connect(places, [this](error_code failed, const tcp::endpoint&) {
            if (failed) return end(failed);
            step_ = "asking";
            http::async_write(stream_, request_, [this](error_code unsent, std::size_t) {
                if (unsent == beast::error::timeout) return end(unsent);
                http::async_read_header(stream_, buffer_, parser_, [this](error_code unread, std::size_t) {
                    if (unread) return end(unread);
                    if (parser_.get().result_int() == 200)
                        stream_.expires_never(); // events come when they come
                    read_more();
                });
            });
        });
        context_.run();
        return result_;
    }

    const char* step() const { return step_; }
    const http::response<http::string_body>& response() const { return parser_.get(); }

private:
    void end(error_code error) { result_ = error; }

    void read_more() {
        if (parser_.is_done()) return;
        http::async_read_some(stream_, buffer_, parser_, [this](error_code error, std::size_t) {
            if (enough_ || error == http::error::end_of_stream) return;
            if (error) return end(error);
            read_more();
        });
    }

    // Pieces of an error are kept as the body is, those of a stream are heard.
    std::size_t piece(std::string_view bytes, error_code& error) {
        if (parser_.get().result_int() != 200) {
            parser_.get().body().append(bytes);
        } else if (!events_.feed(bytes)) {
            enough_ = true;
            error = http::error::end_of_stream; // nothing more is read
        }
        return bytes.size();
    }

    api_address where_;
    asio::io_context context_;
    beast::tcp_stream stream_{context_};
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> parser_;
    event_parser events_;
    std::function<std::size_t(std::uint64_t, beast::string_view, error_code&)> on_piece_ =
        [this](std::uint64_t, beast::string_view bytes, error_code& error) {
            return piece({bytes.data(), bytes.size()}, error);
        };
    error_code result_;
    bool enough_ = false;
    const char* step_ = "reaching";
};

} // namespace

api_answer listen(const api_address& where, const api_request& request, event_parser::listener hear) {
    api_answer out;
    if (!may_be_sent(request, out)) return out;
    stream_reader one(where, request, std::move(hear));
    if (const auto error = one.run()) {
        tell_failure(out, one.step(), where, error.message());
        return out;
    }
    out.status = one.response().result_int();
    out.body = one.response().body();
    if (out.status >= 400) read_problem(out);
    return out;
}

bool event_parser::feed(std::string_view bytes) {
    while (!enough_ && !bytes.empty()) {
        const auto end = bytes.find('\n');
        if (end == bytes.npos) {
            if (rest_.size() + bytes.size() > longest_line) enough_ = true;
            rest_ += bytes;
            break;
        }
        rest_ += bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        if (!line(rest_)) enough_ = true;
        rest_.clear();
    }
    return !enough_;
}

bool event_parser::line(std::string_view text) {
    if (text.empty()) {
        const auto name = std::exchange(name_, {}), data = std::exchange(data_, {});
        return data.empty() || hear_(name.empty() ? "message" : name, data);
    }
    const auto colon = text.find(':');
    const auto field = text.substr(0, colon);
    auto value = colon == text.npos ? std::string_view{} : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") name_ = value;
    if (field == "data") (data_.empty() ? data_ : data_ += '\n') += value;
    return true;
}

} // namespace adit::cli
