#include "cli/demo/traffic.hpp"

#include "cli/demo/cookie_jar.hpp"
#include "core/random.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using error_code = boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{10}; // for one exchange
constexpr std::chrono::milliseconds first_pause{
    100}; // before a gateway that was away is tried again; then doubled
constexpr std::chrono::milliseconds longest_pause{3'200};
constexpr std::uint64_t most_body = 4 * 1024 * 1024; // bytes

struct errand {
    http::verb verb;
    std::string_view target, body;
};

// What the users are after; drawn evenly.
constexpr errand errands[] = {
    {http::verb::get, "/color", {}},
    {http::verb::get, "/color", {}},
    {http::verb::get, "/color", {}},
    {http::verb::get, "/", {}},
    {http::verb::get, "/items/4711", {}},
    {http::verb::get, "/cart", {}},
    {http::verb::post, "/cart", "item=4711&count=1"},
    {http::verb::head, "/", {}},
};

std::string_view view(beast::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

struct demo_traffic::state : std::enable_shared_from_this<state> {
    state(asio::io_context& io, traffic_options given)
        : context(io), options(given), timer(io), jars(std::max(1U, given.users)) {}

    void start(const tcp::endpoint& where);
    void arm();
    void tick();
    http::request<http::string_body> next_request(std::size_t user);
    // Nobody is asked before the pause is over.
    void gateway_away() {
        retry_at = clock::now() + pause;
        pause = std::min(2 * pause, longest_pause);
    }
    void gateway_back() { pause = first_pause; }

    asio::io_context& context;
    const traffic_options options;
    asio::steady_timer timer;
    tcp::endpoint gateway;
    std::string host;
    std::vector<cookie_jar> jars; // by user
    std::vector<std::shared_ptr<connection>> connections;
    std::size_t turn = 0;
    clock::time_point retry_at{};
    std::chrono::milliseconds pause = first_pause;
    random_source random;
    demo_shares shares;
    bool running = false;
};

// One kept-alive connection; opened when there is something to send. Keeps itself alive through its
// operations.
class demo_traffic::connection : public std::enable_shared_from_this<connection> {
public:
    explicit connection(std::shared_ptr<state> home) : home_(std::move(home)), stream_(home_->context) {}

    bool busy() const noexcept { return busy_; }

    void ask(std::size_t user) {
        busy_ = true;
        user_ = user;
        request_ = home_->next_request(user);
        again_ = request_.method() != http::verb::post; // RFC 9110 §9.2.2
        if (open_) return send();
        connect();
    }

    void close() {
        open_ = false;
        error_code ignored;
        stream_.socket().close(ignored);
    }

private:
    void connect() {
        close();
        again_ = false;
        stream_.expires_after(patience);
        stream_.async_connect(home_->gateway, [self = shared_from_this()](error_code error) {
            auto& home = *self->home_;
            if (!home.running) return self->finish();
            if (error) {
                home.gateway_away();
                return self->finish();
            }
            home.gateway_back();
            self->open_ = true;
            self->buffer_.clear();
            self->stream_.socket().set_option(tcp::no_delay(true), error);
            self->send();
        });
    }

    void send() {
        stream_.expires_after(patience);
        http::async_write(stream_, request_, [self = shared_from_this()](error_code error, std::size_t) {
            error ? self->fail(error) : self->read();
        });
    }

    void read() {
        parser_.emplace();
        parser_->body_limit(most_body);
        parser_->skip(request_.method() == http::verb::head);
        http::async_read(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) {
                error ? self->fail(error) : self->take();
            }
        );
    }

    // A connection that was kept may be gone by now: then nothing has come back, and another may serve.
    void fail(error_code error) {
        if (!home_->running) return finish();
        if (again_ && error != beast::error::timeout && !(parser_ && parser_->got_some())) {
            parser_.reset();
            return connect();
        }
        home_->shares.add(monotonic_now(), {}, 0);
        close();
        finish();
    }

    void take() {
        const auto& response = parser_->get();
        const auto set = response.equal_range(http::field::set_cookie);
        for (auto at = set.first; at != set.second; ++at) home_->jars[user_].take(view(at->value()));
        home_->shares.add(monotonic_now(), view(response["X-Version"]), response.result_int());
        if (!parser_->keep_alive()) close();
        finish();
    }

    void finish() {
        parser_.reset();
        if (!home_->running) close();
        busy_ = false;
    }

    std::shared_ptr<state> home_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    std::optional<http::response_parser<http::string_body>> parser_;
    std::size_t user_ = 0;
    bool busy_ = false, open_ = false;
    bool again_ = false; // may be sent a second time, on a fresh connection
};

void demo_traffic::state::start(const tcp::endpoint& where) {
    gateway = where;
    const auto address = where.address().to_string();
    host = (where.address().is_v6() ? '[' + address + ']' : address) + ':' + std::to_string(where.port());
    if (running) return;
    running = true;
    connections.clear();
    for (std::size_t i = 0; i < std::max<std::size_t>(1, options.connections); ++i)
        connections.push_back(std::make_shared<connection>(shared_from_this()));
    timer.expires_after(std::chrono::milliseconds(0));
    arm();
}

void demo_traffic::state::arm() {
    timer.async_wait([self = shared_from_this()](error_code error) {
        if (error || !self->running) return;
        self->tick();
        const auto step =
            std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(1 / self->options.rate)
            );
        // After a pause of the machine what was missed is not made up for.
        self->timer.expires_at(std::max(self->timer.expiry() + step, clock::now() - std::chrono::seconds(1)));
        self->arm();
    });
}

void demo_traffic::state::tick() {
    if (clock::now() < retry_at) return;
    for (std::size_t i = 0; i < connections.size(); ++i) {
        auto& one = *connections[turn++ % connections.size()];
        if (!one.busy()) return one.ask(random.below(static_cast<std::uint32_t>(jars.size())));
    }
}

http::request<http::string_body> demo_traffic::state::next_request(std::size_t user) {
    const auto& what = errands[random.below(static_cast<std::uint32_t>(std::size(errands)))];
    http::request<http::string_body> out(
        what.verb, beast::string_view(what.target.data(), what.target.size()), 11
    );
    out.set(http::field::host, host);
    out.set(http::field::user_agent, "adit-demo");
    out.set(http::field::accept, "*/*");
    if (const auto cookies = jars[user].text(); !cookies.empty()) out.set(http::field::cookie, cookies);
    if (!what.body.empty()) out.set(http::field::content_type, "application/x-www-form-urlencoded");
    out.body() = what.body;
    out.prepare_payload();
    return out;
}

demo_traffic::demo_traffic(asio::io_context& context, traffic_options options)
    : state_(std::make_shared<state>(context, options)) {}

demo_traffic::~demo_traffic() {
    stop();
}

void demo_traffic::start(const tcp::endpoint& gateway) {
    state_->start(gateway);
}

void demo_traffic::stop() {
    state_->running = false;
    state_->timer.cancel();
    for (const auto& one : state_->connections) one->close();
    state_->connections.clear(); // they hold the state, which holds them
}

const demo_shares::counts& demo_traffic::counts() const noexcept {
    return state_->shares.ever();
}

std::size_t demo_traffic::users_with_cookies() const noexcept {
    return static_cast<std::size_t>(
        std::count_if(state_->jars.begin(), state_->jars.end(), [](const auto& one) { return !one.empty(); })
    );
}

std::string demo_traffic::share_line() const {
    return state_->shares.line(monotonic_now());
}

} // namespace adit::cli
