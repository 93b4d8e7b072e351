#include "cli/demo/upstream.hpp"

#include "cli/demo/page.hpp"
#include "core/bytes.hpp"
#include "core/random.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace adit::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using error_code = boost::system::error_code;
using request_head = http::request_header<>;
using message = http::response<http::string_body>;

constexpr std::uint32_t most_head = 32 * 1024;      // bytes
constexpr std::size_t beyond_head = 64 * 1024;      // bytes that may stand behind a head in the buffer
constexpr std::size_t most_connections = 1024;      // more are closed at once
constexpr std::size_t most_lingering = 1024 * 1024; // bytes still taken after a refusal
constexpr std::chrono::seconds idle{120};           // beyond the gateway's own, so that it closes first
constexpr std::chrono::seconds stalled{30};         // a body or an answer that does not move
constexpr std::chrono::seconds lingering{1};
constexpr std::chrono::milliseconds accept_again{100}; // after the process has run out of descriptors
constexpr std::string_view plain_text = "text/plain; charset=utf-8";

struct identity {
    std::string_view name, color;
};

identity identity_of(demo_upstream::version which) {
    return which == demo_upstream::version::v1 ? identity{"v1", "#3b82f6"} : identity{"v2", "#16a34a"};
}

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

// RFC 9110 §5.6.7.
std::string http_date() {
    const auto now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 40> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

bool is_told_back(std::string_view name) {
    constexpr std::string_view forwarded = "x-forwarded-";
    return iequals(name.substr(0, forwarded.size()), forwarded) || iequals(name, "x-version-route") ||
           iequals(name, "x-request-id");
}

std::string tell_back(std::string_view version, const request_head& head) {
    std::string out(view(head.method_string()));
    out.append(" ").append(view(head.target())).append("\nversion: ").append(version).append("\n");
    for (const auto& field : head) {
        const auto name = view(field.name_string());
        if (is_told_back(name)) out.append(name).append(": ").append(view(field.value())).append("\n");
    }
    return out;
}

} // namespace

struct demo_upstream::state {
    state(asio::io_context& io, identity self) : context(io), me(self), acceptor(io), again(io) {}

    void open() {
        acceptor.open(tcp::v4());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        acceptor.bind({asio::ip::address_v4::loopback(), 0});
        acceptor.listen();
        local = acceptor.local_endpoint();
    }

    message answer(const request_head& head);
    void answer_well(const request_head& head, message& out);

    asio::io_context& context;
    const identity me;
    tcp::acceptor acceptor;
    tcp::endpoint local;
    asio::steady_timer again;
    std::set<session*> sessions;
    std::string weight_command = "adit weight set default canary=50";
    random_source random;
    std::atomic<double> errors{0};
    std::atomic<std::chrono::milliseconds::rep> latency{0};
    std::atomic<std::uint64_t> answers{0};
};

void demo_upstream::state::answer_well(const request_head& head, message& out) {
    const auto target = view(head.target());
    const auto path = target.substr(0, target.find('?'));
    const bool reads = head.method() == http::verb::get || head.method() == http::verb::head;
    const bool fails = path != "/healthz" && (path != "/" || !reads) && errors > 0 &&
                       static_cast<double>(random.below(1'000'000)) < errors * 1e6;
    if (fails) {
        out.result(http::status::internal_server_error);
        out.set(http::field::content_type, plain_text);
        out.body() = std::string(me.name) + " fails because it was told to\n";
    } else if (path == "/healthz") {
        out.set(http::field::content_type, plain_text);
        out.body() = "ok\n";
    } else if (path == "/" && reads) {
        out.set(http::field::content_type, "text/html; charset=utf-8");
        out.set("Content-Security-Policy", page_policy);
        out.set("Referrer-Policy", "no-referrer");
        out.body() = write_page({.version = me.name, .weight_command = weight_command});
    } else if (path == "/color" && reads) {
        out.set(http::field::content_type, "application/json");
        out.body()
            .append("{\"version\":\"")
            .append(me.name)
            .append("\",\"color\":\"")
            .append(me.color)
            .append("\"}");
    } else {
        out.set(http::field::content_type, plain_text);
        out.body() = tell_back(me.name, head);
    }
}

message demo_upstream::state::answer(const request_head& head) {
    message out(http::status::ok, head.version());
    answer_well(head, out);
    out.set(http::field::date, http_date());
    out.set("X-Version", me.name);
    out.set(http::field::cache_control, "no-store");
    out.set("X-Content-Type-Options", "nosniff");
    out.content_length(out.body().size());
    if (head.method() == http::verb::head) out.body().clear();
    return out;
}

// One connection: requests in order. Keeps itself alive through its operations.
class demo_upstream::session : public std::enable_shared_from_this<session> {
public:
    session(tcp::socket socket, std::shared_ptr<state> home)
        : stream_(std::move(socket)),
          pause_(home->context),
          home_(std::move(home)),
          buffer_(most_head + beyond_head) {
        home_->sessions.insert(this);
    }
    ~session() { home_->sessions.erase(this); }

    void start() {
        error_code ignored;
        stream_.socket().set_option(tcp::no_delay(true), ignored);
        read();
    }

    void close() {
        closed_ = true;
        pause_.cancel();
        error_code ignored;
        stream_.socket().close(ignored);
    }

private:
    void read() {
        parser_.emplace();
        parser_->header_limit(most_head);
        parser_->body_limit(boost::none); // thrown away as it comes
        stream_.expires_after(idle);
        http::async_read_header(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) {
                if (self->closed_) return;
                error ? self->refuse(error) : self->on_head();
            }
        );
    }

    void on_head() {
        const auto& head = parser_->get();
        const bool waits = iequals(view(head[http::field::expect]), "100-continue") && head.version() >= 11;
        if (!waits || parser_->is_done() || buffer_.size() > 0) return discard();
        static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        stream_.expires_after(stalled);
        asio::async_write(
            stream_, asio::buffer(go_on),
            [self = shared_from_this()](error_code error, std::size_t) {
                error ? self->close() : self->discard();
            }
        );
    }

    void discard() {
        if (closed_) return;
        if (parser_->is_done()) return delay();
        auto& body = parser_->get().body();
        body.data = waste_.data();
        body.size = waste_.size();
        stream_.expires_after(stalled);
        http::async_read_some(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) {
                if (self->closed_) return;
                if (error && error != http::error::need_buffer) return self->refuse(error);
                self->discard();
            }
        );
    }

    void delay() {
        ++home_->answers;
        const std::chrono::milliseconds wait{home_->latency};
        if (wait.count() <= 0 || view(parser_->get().target()) == "/healthz") return answer();
        stream_.expires_never();
        pause_.expires_after(wait);
        pause_.async_wait([self = shared_from_this()](error_code) {
            if (!self->closed_) self->answer();
        });
    }

    void answer() {
        auto out = home_->answer(parser_->get());
        out.keep_alive(parser_->get().keep_alive());
        send(std::move(out));
    }

    // The parser's own errors are the client's; those of the socket leave nobody to answer.
    void refuse(error_code error) {
        if (error.category() != http::make_error_code(http::error::bad_method).category() ||
            error == http::error::end_of_stream || error == http::error::partial_message)
            return close();
        const bool large = error == http::error::header_limit || error == http::error::buffer_overflow;
        message out(large ? http::status::request_header_fields_too_large : http::status::bad_request, 11);
        out.set("X-Version", home_->me.name);
        out.set(http::field::date, http_date());
        out.set(http::field::content_type, plain_text);
        out.body() = error.message() + '\n';
        out.prepare_payload();
        out.keep_alive(false);
        send(std::move(out));
    }

    void send(message out) {
        out_.emplace(std::move(out));
        stream_.expires_after(stalled);
        http::async_write(stream_, *out_, [self = shared_from_this()](error_code error, std::size_t) {
            if (self->closed_) return;
            if (error) return self->close();
            self->out_->keep_alive() ? self->read() : self->linger();
        });
    }

    // Bytes that nobody reads would turn the close into a reset, which may overtake the answer
    // (RFC 9112 §9.6).
    void linger() {
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
        stream_.expires_after(lingering);
        drain();
    }

    void drain() {
        stream_.async_read_some(
            asio::buffer(waste_),
            [self = shared_from_this()](error_code error, std::size_t size) {
                self->lingered_ += size;
                error || self->closed_ || self->lingered_ > most_lingering ? self->close() : self->drain();
            }
        );
    }

    beast::tcp_stream stream_;
    asio::steady_timer pause_;
    std::shared_ptr<state> home_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::buffer_body>> parser_;
    std::optional<message> out_;
    std::array<char, 8192> waste_;
    std::size_t lingered_ = 0;
    bool closed_ = false;
};

namespace {

template <class State, class Session>
void accept(const std::shared_ptr<State>& home) {
    home->acceptor.async_accept(home->context, [home](error_code error, tcp::socket socket) {
        if (!home->acceptor.is_open()) return;
        if (!error) {
            if (home->sessions.size() < most_connections)
                std::make_shared<Session>(std::move(socket), home)->start();
            return accept<State, Session>(home);
        }
        if (error == asio::error::connection_aborted) return accept<State, Session>(home);
        home->again.expires_after(accept_again);
        home->again.async_wait([home](error_code stopped) {
            if (!stopped && home->acceptor.is_open()) accept<State, Session>(home);
        });
    });
}

} // namespace

demo_upstream::demo_upstream(asio::io_context& context, version which)
    : state_(std::make_shared<state>(context, identity_of(which))) {
    state_->open();
    accept<state, session>(state_);
}

demo_upstream::~demo_upstream() {
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->again.cancel();
    for (auto* one : state_->sessions) one->close();
}

tcp::endpoint demo_upstream::endpoint() const {
    return state_->local;
}

void demo_upstream::set_errors(double share) noexcept {
    state_->errors = std::clamp(share, 0.0, 1.0);
}

void demo_upstream::set_latency(std::chrono::milliseconds wait) noexcept {
    state_->latency = wait.count();
}

void demo_upstream::set_weight_command(std::string text) {
    state_->weight_command = std::move(text);
}

std::uint64_t demo_upstream::answers() const noexcept {
    return state_->answers;
}

std::size_t demo_upstream::connections() const noexcept {
    return state_->sessions.size();
}

} // namespace adit::cli
