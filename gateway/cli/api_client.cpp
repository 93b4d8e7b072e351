#include "cli/api_client.hpp"

#include "cli/api_wire.hpp"
#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/address.hpp"

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

constexpr std::size_t largest_answer =
    64 * 1024 * 1024; // bytes; ten thousand routes with their endpoints fit well

// One exchange on an io_context of its own: the asynchronous calls are the ones
// that heed a deadline.
class exchange {
public:
    exchange(const api_address& where, const api_request& from)
        : request_(to_message(where, from)), where_(where) {
        parser_.body_limit(largest_answer);
        stream_.expires_after(from.timeout);
    }

    error_code run() {
        const auto finish = [this](error_code error) { result_ = error; };
        const auto on_read = [=](error_code error, std::size_t) { finish(error); };
        const auto on_write = [=, this](error_code error, std::size_t) {
            // A server that refuses early closes before it has read everything; its
            // answer is worth more than the error.
            if (error == beast::error::timeout) return finish(error);
            http::async_read(stream_, buffer_, parser_, on_read);
        };
        const auto on_connect = [=, this](error_code error, const tcp::endpoint&) {
            if (error) return finish(error);
            step_ = "asking";
            http::async_write(stream_, request_, on_write);
        };
        error_code error;
        const auto places = tcp::resolver(context_).resolve(where_.host, where_.port, error);
        if (error) return error;
        stream_.async_connect(places, on_connect);
        context_.run();
        return result_;
    }

    const char* step() const { return step_; }
    http::response<http::string_body>& response() { return parser_.get(); }

private:
    asio::io_context context_;
    beast::tcp_stream stream_{context_};
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> parser_;
    api_address where_;
    error_code result_;
    const char* step_ = "reaching";
};

} // namespace

std::optional<api_address> parse_api_address(std::string_view text, std::string* why) {
    const auto refuse = [&](std::string message) {
        if (why) *why = std::move(message);
        return std::nullopt;
    };
    constexpr std::string_view secure = "https://";
    if (iequals(text.substr(0, secure.size()), secure)) return refuse("the admin API speaks http, not https");
    model::fault fault;
    auto place = text.find("://") == text.npos ? model::parse_endpoint(text, &fault)
                                               : model::parse_upstream_url(text, &fault);
    if (!place) return refuse(fault.message);
    return api_address{std::move(place->host), std::to_string(place->port)};
}

api_answer ask(const api_address& where, const api_request& request) {
    api_answer out;
    if (!may_be_sent(request, out)) return out;
    exchange one(where, request);
    if (const auto error = one.run()) {
        tell_failure(out, one.step(), where, error.message());
        return out;
    }
    auto& response = one.response();
    out.status = response.result_int();
    out.body = std::move(response.body());
    const auto tag = response[http::field::etag];
    out.etag.assign(tag.data(), tag.size());
    if (out.status >= 400) read_problem(out);
    return out;
}

std::string encode_segment(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view marks = "-._~";
    std::string out;
    for (const char c : text) {
        const bool plain =
            (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || marks.find(c) != marks.npos;
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            out += c;
        else
            out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return out;
}

} // namespace adit::cli
