#include "upstream/probe.hpp"

#include "upstream/pool.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <optional>
#include <utility>

namespace adit::upstream {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

constexpr std::size_t largest_head = 32 * 1024; // bytes of an answer's head

std::string judge(unsigned status, const model::active_health::http_check& wish) {
    if (status >= wish.status_low && status <= wish.status_high) return {};
    return std::to_string(status) + " where " + std::to_string(wish.status_low) + '-' +
           std::to_string(wish.status_high) + " is wanted";
}

} // namespace

// One connection and what is asked on it.
class probe::attempt : public std::enable_shared_from_this<attempt> {
public:
    attempt(
        asio::io_context& context, const model::active_health& wish,
        std::shared_ptr<const net::tls_target> tls, listener done
    )
        : stream_(context), wish_(wish), tls_(std::move(tls)), done_(std::move(done)) {}

    void start(const asio::ip::tcp::endpoint& to) {
        stream_.expires_after(wish_.timeout); // for all of it
        stream_.async_connect(to, [self = shared_from_this(), to](const error_code& error) {
            if (error) return self->end(error);
            if (!self->wish_.http) return self->end({});
            self->tls_ ? self->secure(to) : self->ask(self->stream_, to);
        });
    }
    // Nobody wants to know any more.
    void cancel() {
        done_ = nullptr;
        stream_.cancel();
    }

private:
    using secured = asio::ssl::stream<beast::tcp_stream&>;

    void secure(const asio::ip::tcp::endpoint& to) {
        auto connection = tls_->connection();
        if (!connection) return tell("TLS cannot start");
        secured_.emplace(stream_, connection.release()); // it is the stream's now
        secured_->async_handshake(secured::client, [self = shared_from_this(), to](const error_code& error) {
            error ? self->end(error) : self->ask(*self->secured_, to);
        });
    }
    template <class Stream>
    void ask(Stream& stream, const asio::ip::tcp::endpoint& to) {
        const auto& http = *wish_.http;
        request_.method(beast::http::verb::get);
        request_.target(http.path);
        request_.set(beast::http::field::host, http.host.empty() ? to_text(to) : http.host);
        request_.set(beast::http::field::user_agent, "adit-health");
        request_.set(beast::http::field::connection, "close");
        beast::http::async_write(
            stream, request_,
            [self = shared_from_this(), &stream](const error_code& error, std::size_t) {
                error ? self->end(error) : self->read(stream);
            }
        );
    }
    template <class Stream>
    void read(Stream& stream) {
        answer_.emplace();
        answer_->header_limit(largest_head);
        answer_->skip(true);
        beast::http::async_read_header(
            stream, buffer_, *answer_,
            [self = shared_from_this()](const error_code& error, std::size_t) {
                if (error) return self->end(error);
                self->tell(judge(self->answer_->get().result_int(), *self->wish_.http));
            }
        );
    }
    void end(const error_code& error) {
        tell(error == beast::error::timeout ? "no answer in time" : error ? error.message() : std::string{});
    }
    void tell(const std::string& problem) {
        error_code ignored;
        stream_.socket().close(ignored);
        if (done_) std::exchange(done_, nullptr)(problem);
    }

    beast::tcp_stream stream_;
    const model::active_health wish_;
    const std::shared_ptr<const net::tls_target> tls_;
    std::optional<secured> secured_;
    listener done_;
    beast::flat_buffer buffer_;
    beast::http::request<beast::http::empty_body> request_;
    std::optional<beast::http::response_parser<beast::http::empty_body>> answer_;
};

class probe::rounds : public std::enable_shared_from_this<rounds> {
public:
    rounds(
        asio::io_context& context, const asio::ip::tcp::endpoint& to,
        std::shared_ptr<const net::tls_target> tls, const model::active_health& wish, random_source& random,
        listener told
    )
        : context_(context),
          timer_(context),
          to_(to),
          tls_(std::move(tls)),
          wish_(wish),
          random_(random),
          told_(std::move(told)) {}

    // The first comes at once, but for the jitter: a newcomer should not serve for long before it was looked
    // at.
    void start() { wait(spread() + from(wish_.interval) * wish_.jitter / 100); }
    void stop() {
        told_ = nullptr;
        timer_.cancel();
        if (attempt_) attempt_->cancel();
    }
    const model::active_health& wish() const noexcept { return wish_; }
    const net::tls_target* tls() const noexcept { return tls_.get(); }

private:
    // Within the jitter around 0, in ns.
    instant spread() {
        const auto most = from(wish_.interval) * wish_.jitter / 100;
        return most == 0 ? 0
                         : static_cast<instant>(random_.next() % static_cast<std::uint64_t>(2 * most)) - most;
    }
    void wait(instant time) {
        timer_.expires_after(std::chrono::nanoseconds(time));
        timer_.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error && self->told_) self->go();
        });
    }
    void go() {
        attempt_ = std::make_shared<attempt>(
            context_, wish_, tls_,
            [self = shared_from_this()](const std::string& problem) {
                self->attempt_.reset();
                self->wait(from(self->wish_.interval) + self->spread());
                if (self->told_) self->told_(problem);
            }
        );
        attempt_->start(to_);
    }

    asio::io_context& context_;
    asio::steady_timer timer_;
    const asio::ip::tcp::endpoint to_;
    const std::shared_ptr<const net::tls_target> tls_;
    const model::active_health wish_;
    random_source& random_;
    listener told_;
    std::shared_ptr<attempt> attempt_;
};

probe::probe(
    asio::io_context& context, const asio::ip::tcp::endpoint& to, std::shared_ptr<const net::tls_target> tls,
    const model::active_health& wish, random_source& random, listener told
)
    : rounds_(std::make_shared<rounds>(context, to, std::move(tls), wish, random, std::move(told))) {
    rounds_->start();
}

probe::~probe() {
    rounds_->stop();
}

bool probe::asks(const model::active_health& wish, const net::tls_target* tls) const noexcept {
    const auto identity = [](const net::tls_target* one) {
        return one ? std::string_view{one->identity()} : std::string_view{};
    };
    return rounds_->wish() == wish && identity(rounds_->tls()) == identity(tls);
}

} // namespace adit::upstream
