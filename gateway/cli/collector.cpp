#include "cli/collector.hpp"

#include "core/ip.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <optional>
#include <utility>

namespace adit::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t largest_answer = 64 * 1024; // bytes
constexpr std::string_view late = "no answer in time";

using request = http::request<http::string_body>;

} // namespace

// What is asked, until it is answered.
struct collector::asked {
    std::shared_ptr<const request> what;
    listener done;
    bool on_kept = false; // it was sent on a connection that may have been closed meanwhile
};

// One connection. Whatever goes wrong ends it.
class collector::link : public std::enable_shared_from_this<link> {
public:
    using told = std::function<void(answer, bool keeps)>;

    link(asio::io_context& context, const collector_settings& settings)
        : timer_(context), resolver_(context), stream_(context), settings_(settings) {}

    void ask(std::shared_ptr<const request> what, told tell) {
        what_ = std::move(what);
        tell_ = std::move(tell);
        timer_.expires_after(settings_.timeout); // for all of it
        timer_.async_wait([self = shared_from_this()](const error_code& stopped) {
            if (!stopped) self->end(std::string(late));
        });
        used_ ? write() : resolve();
    }
    // Nobody wants to know any more.
    void cancel() {
        tell_ = nullptr;
        close();
    }

private:
    using secured = asio::ssl::stream<beast::tcp_stream&>;

    void resolve() {
        const auto& to = settings_.where.endpoint;
        if (parse_ip(to.host)) {
            error_code ignored;
            return connect(std::array{tcp::endpoint{asio::ip::make_address(to.host, ignored), to.port}});
        }
        resolver_.async_resolve(
            to.host, std::to_string(to.port),
            [self = shared_from_this()](const error_code& error, const auto& found) {
                if (!self->tell_) return; // it took too long
                error ? self->end(error) : self->connect(found);
            }
        );
    }
    template <class Places>
    void connect(const Places& places) {
        stream_.async_connect(places, [self = shared_from_this()](const error_code& error, const auto&) {
            if (error || !self->tell_) return self->end(error);
            self->settings_.tls ? self->secure() : self->write();
        });
    }
    void secure() {
        auto connection = settings_.tls->connection();
        if (!connection) return end("TLS cannot start");
        secured_.emplace(stream_, connection.release()); // it is the stream's now
        secured_->async_handshake(secured::client, [self = shared_from_this()](const error_code& error) {
            error || !self->tell_ ? self->end(error) : self->write();
        });
    }
    void write() { secured_ ? write(*secured_) : write(stream_); }
    template <class Stream>
    void write(Stream& stream) {
        // A server that refuses early closes before it has read everything; its answer is worth more than the
        // error.
        http::async_write(
            stream, *what_,
            [self = shared_from_this(), &stream](const error_code&, std::size_t) {
                if (self->tell_) self->read(stream);
            }
        );
    }
    template <class Stream>
    void read(Stream& stream) {
        used_ = true;
        parser_.emplace();
        parser_->body_limit(largest_answer);
        http::async_read(
            stream, buffer_, *parser_,
            [self = shared_from_this()](const error_code& error, std::size_t) {
                if (error && !self->parser_->is_header_done()) return self->end(error);
                self->finish(!error && self->parser_->get().keep_alive());
            }
        );
    }
    void finish(bool keeps) {
        timer_.cancel();
        auto& got = parser_->get();
        answer out;
        out.status = got.result_int();
        out.retry_after = std::string(got[http::field::retry_after]);
        out.body = std::move(got.body());
        if (!keeps) close();
        if (tell_) std::exchange(tell_, nullptr)(std::move(out), keeps);
    }
    void end(const error_code& error) { end(error.message()); }
    void end(const std::string& problem) {
        close();
        if (!tell_) return;
        answer out;
        out.problem = problem;
        std::exchange(tell_, nullptr)(std::move(out), false);
    }
    void close() {
        timer_.cancel();
        resolver_.cancel();
        error_code ignored;
        stream_.socket().close(ignored);
    }

    asio::steady_timer timer_;
    tcp::resolver resolver_;
    beast::tcp_stream stream_;
    std::optional<secured> secured_;
    const collector_settings settings_;
    std::shared_ptr<const request> what_;
    told tell_;
    beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::string_body>> parser_;
    bool used_ = false;
};

collector::collector(asio::io_context& context, collector_settings settings)
    : context_(context), settings_(std::move(settings)) {}

collector::~collector() {
    if (link_) link_->cancel();
}

void collector::post(std::string body, listener done) {
    request what;
    what.version(11);
    what.method(http::verb::post);
    what.target(settings_.where.target);
    what.set(http::field::host, settings_.where.host);
    what.set(http::field::user_agent, "adit");
    for (const auto& [name, value] : settings_.headers) what.set(name, value);
    what.set(http::field::content_type, "application/json");
    what.body() = std::move(body);
    what.prepare_payload();
    asked_ = std::make_unique<asked>();
    asked_->what = std::make_shared<const request>(std::move(what));
    asked_->done = std::move(done);
    ask();
}

void collector::ask() {
    asked_->on_kept = link_ != nullptr;
    if (!link_) link_ = std::make_shared<link>(context_, settings_);
    link_->ask(asked_->what, [this](answer what, bool keeps) { told(std::move(what), keeps); });
}

void collector::told(answer what, bool keeps) {
    if (!keeps) link_.reset();
    if (what.status == 0 && asked_->on_kept && what.problem != late) return ask();
    const auto done = std::move(asked_->done);
    asked_.reset();
    done(std::move(what));
}

} // namespace adit::cli
