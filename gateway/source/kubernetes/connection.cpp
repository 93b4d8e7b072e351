#include "source/kubernetes/connection.hpp"

#include "core/ip.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <utility>

namespace adit::source::kubernetes {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds until_head{30}; // from the request to the answer's first byte
constexpr std::chrono::seconds grace{30};      // beyond what an answer was asked to last
constexpr std::size_t piece_size = 64 * 1024;  // bytes
// A peer that is gone without a word is noticed after a minute, though a watch may be silent for longer.
constexpr int idle_before_probe = 30, between_probes = 10, probes = 3; // seconds, seconds, number

// Seconds; a date is not understood, which costs nothing but politeness.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) {
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::chrono::seconds(seconds);
}

void watch_peer(int socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_before_probe, sizeof idle_before_probe);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between_probes, sizeof between_probes);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

} // namespace

struct connection::asked {
    http::request<http::string_body> request;
    std::chrono::seconds lasts{};
    listener hear;
    bool on_kept = false; // it was sent on a connection that may have been closed meanwhile
};

// One TCP connection. Whatever goes wrong ends it.
class connection::link : public std::enable_shared_from_this<link> {
public:
    using told = std::function<void(const std::string& problem, bool begun, bool keeps)>;

    link(asio::io_context& context, std::shared_ptr<const credentials> as)
        : timer_(context), resolver_(context), stream_(context), as_(std::move(as)), tls_(as_->tls()) {}

    const std::shared_ptr<const net::tls_target>& tls() const noexcept { return tls_; }

    void ask(std::shared_ptr<asked> what, told tell) {
        what_ = std::move(what);
        tell_ = std::move(tell);
        begun_ = false;
        bound(until_head);
        // Never from within send().
        asio::post(stream_.get_executor(), [self = shared_from_this()] {
            if (self->tell_) self->used_ ? self->write() : self->resolve();
        });
    }

    void cancel() {
        tell_ = nullptr;
        what_ = nullptr;
        close();
    }

private:
    using secured = asio::ssl::stream<beast::tcp_stream&>;

    void bound(std::chrono::seconds time) {
        timer_.expires_after(time);
        timer_.async_wait([self = shared_from_this()](const error_code& stopped) {
            if (!stopped) self->end("no answer in time");
        });
    }
    void resolve() {
        const auto& to = as_->of().server.endpoint;
        if (parse_ip(to.host)) {
            error_code ignored;
            return connect(std::array{tcp::endpoint{asio::ip::make_address(to.host, ignored), to.port}});
        }
        resolver_.async_resolve(
            to.host, std::to_string(to.port),
            [self = shared_from_this()](const error_code& error, const auto& found) {
                if (!self->tell_) return; // it took too long
                error ? self->end(error.message()) : self->connect(found);
            }
        );
    }
    template <class Places>
    void connect(const Places& places) {
        stream_.async_connect(places, [self = shared_from_this()](const error_code& error, const auto&) {
            if (!self->tell_) return;
            if (error) return self->end(error.message());
            watch_peer(self->stream_.socket().native_handle());
            self->tls_ ? self->secure() : self->write();
        });
    }
    void secure() {
        auto made = tls_->connection();
        if (!made) return end("TLS cannot start");
        secured_.emplace(stream_, made.release()); // it is the stream's now
        secured_->async_handshake(secured::client, [self = shared_from_this()](const error_code& error) {
            if (!self->tell_) return;
            error ? self->end("TLS: " + error.message()) : self->write();
        });
    }
    void write() { secured_ ? write(*secured_) : write(stream_); }
    template <class Stream>
    void write(Stream& stream) {
        used_ = true;
        http::async_write(
            stream, what_->request,
            [self = shared_from_this(), &stream](const error_code& error, std::size_t) {
                if (!self->tell_) return;
                error ? self->end(error.message()) : self->read_head(stream);
            }
        );
    }
    template <class Stream>
    void read_head(Stream& stream) {
        parser_.emplace();
        parser_->body_limit(boost::none);
        http::async_read_header(
            stream, buffer_, *parser_,
            [self = shared_from_this(), &stream](const error_code& error, std::size_t) {
                if (!self->tell_) return;
                if (error) return self->end(error.message());
                self->begun_ = true;
                self->bound(self->what_->lasts + grace);
                const auto& got = self->parser_->get();
                const auto what = self->what_; // outlives what the listener does
                what->hear.head(got.result_int(), parse_retry_after(got[http::field::retry_after]));
                if (self->tell_) self->read_body(stream);
            }
        );
    }
    template <class Stream>
    void read_body(Stream& stream) {
        if (parser_->is_done()) return finish();
        auto& body = parser_->get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        http::async_read_some(
            stream, buffer_, *parser_,
            [self = shared_from_this(), &stream](error_code error, std::size_t) {
                if (!self->tell_) return;
                if (error == http::error::need_buffer) error = {};
                const auto got = self->piece_.size() - self->parser_->get().body().size;
                const auto what = self->what_;
                if (got != 0) what->hear.bytes({self->piece_.data(), got});
                if (!self->tell_) return;
                error ? self->end(error.message()) : self->read_body(stream);
            }
        );
    }
    void finish() {
        timer_.cancel();
        const bool keeps = parser_->get().keep_alive();
        if (!keeps) close();
        what_ = nullptr;
        if (tell_) std::exchange(tell_, nullptr)({}, true, keeps);
    }
    void end(const std::string& problem) {
        close();
        what_ = nullptr;
        if (tell_) std::exchange(tell_, nullptr)(problem, begun_, false);
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
    const std::shared_ptr<const credentials> as_;
    const std::shared_ptr<const net::tls_target> tls_;
    std::shared_ptr<asked> what_;
    told tell_;
    beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::buffer_body>> parser_;
    std::array<char, piece_size> piece_;
    bool used_ = false, begun_ = false;
};

connection::connection(asio::io_context& context, std::shared_ptr<credentials> as)
    : context_(context), as_(std::move(as)) {}

connection::~connection() {
    drop();
}

void connection::drop() {
    if (link_) link_->cancel();
    link_.reset();
    asked_.reset();
}

void connection::send(const request& what, std::chrono::seconds lasts, listener hear) {
    const auto& server = as_->of().server;
    asked_ = std::make_shared<asked>();
    asked_->lasts = lasts;
    asked_->hear = std::move(hear);
    auto& out = asked_->request;
    out.version(11);
    out.method_string(what.method);
    out.target(server.target + what.target);
    out.set(http::field::host, server.host);
    out.set(http::field::user_agent, "adit");
    out.set(http::field::accept, "application/json");
    if (!as_->token().empty()) out.set(http::field::authorization, "Bearer " + as_->token());
    if (!what.body.empty()) {
        out.set(http::field::content_type, what.body_type);
        out.body() = what.body;
        out.prepare_payload();
    }
    ask();
}

void connection::ask() {
    // Certificates may have changed since it was made.
    if (link_ && link_->tls() != as_->tls()) {
        link_->cancel();
        link_.reset();
    }
    asked_->on_kept = link_ != nullptr;
    if (!link_) link_ = std::make_shared<link>(context_, as_);
    link_->ask(asked_, [this](const std::string& problem, bool begun, bool keeps) {
        ended(problem, begun, keeps);
    });
}

void connection::ended(const std::string& problem, bool begun, bool keeps) {
    if (!keeps) link_.reset();
    if (!problem.empty() && !begun && asked_->on_kept) return ask();
    const auto done = std::exchange(asked_, nullptr);
    done->hear.end(problem);
}

} // namespace adit::source::kubernetes
