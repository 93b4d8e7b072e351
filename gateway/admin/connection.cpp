#include "admin/connection.hpp"

#include "admin/guard.hpp"
#include "core/bytes.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <exception>

namespace adit::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using error_code = boost::system::error_code;

constexpr std::size_t first_read = 4096; // bytes
constexpr std::size_t beyond_head =
    65'536; // bytes that may stand in the buffer behind a head: body, pipelined requests

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

bool is_json(std::string_view content_type) {
    return iequals(trim_ows(content_type.substr(0, content_type.find(';'))), "application/json");
}

problem malformed(std::string detail) {
    return {
        .status = 400,
        .name = "bad-request",
        .title = "The request is malformed",
        .detail = std::move(detail)};
}

problem too_large(unsigned status, std::string_view what, std::size_t limit) {
    return {
        .status = status,
        .name = status == 413 ? "body-too-large" : "head-too-large",
        .title = "The request is too large",
        .detail = "the " + std::string(what) + " is longer than " + std::to_string(limit) + " bytes"};
}

} // namespace

connection::connection(
    asio::ip::tcp::socket socket, std::shared_ptr<switchboard> home, std::shared_ptr<address_count> count
)
    : stream_(std::move(socket)),
      home_(std::move(home)),
      count_(std::move(count)),
      buffer_(home_->options.limits.head + beyond_head),
      answer_timer_(stream_.get_executor()) {
    ++count_->open;
    home_->connections.insert(this);
}

connection::~connection() {
    --count_->open;
    home_->connections.erase(this);
    if (!home_->connections.empty() || !home_->when_empty) return;
    auto done = std::exchange(home_->when_empty, nullptr);
    done();
}

void connection::start() {
    error_code ignored;
    stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    read_next();
}

void connection::stop() {
    last_ = true;
    if (phase_ == phase::streaming) return end_stream();
    if (phase_ == phase::idle) close_now();
}

void connection::close_now() {
    phase_ = phase::closed;
    tap_.reset();
    answer_timer_.cancel();
    error_code ignored;
    stream_.socket().close(ignored);
    stream_.cancel();
}

void connection::read_next() {
    if (last_) return linger();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(home_->options.limits.head));
    parser_->body_limit(home_->options.limits.body);
    if (buffer_.size() != 0) return read_head();
    phase_ = phase::idle;
    stream_.expires_after(home_->options.limits.idle);
    stream_.async_read_some(
        buffer_.prepare(first_read),
        [self = shared_from_this()](error_code error, std::size_t size) {
            if (error || self->phase_ == phase::closed) return self->close_now();
            self->buffer_.commit(size);
            self->read_head();
        }
    );
}

void connection::read_head() {
    phase_ = phase::reading;
    stream_.expires_after(home_->options.limits.read);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); }
    );
}

void connection::on_head(error_code error) {
    if (phase_ == phase::closed) return;
    if (error) return on_bad_request(error);
    endpoint_ = nullptr;
    call_ = {};
    allow_.clear();
    if (const auto why = check_head()) return refuse(*why);
    if (parser_->is_done()) return dispatch();
    if (const auto expect = field("Expect"); expect.data()) {
        if (!iequals(expect, "100-continue"))
            return refuse(
                {.status = 417,
                 .name = "expectation-failed",
                 .title = "Expectation not met",
                 .detail = "only 100-continue is known"}
            );
        if (parser_->get().version() >= 11 && buffer_.size() == 0) return send_continue();
    }
    read_body();
}

std::optional<problem> connection::check_head() {
    const auto& request = parser_->get();
    const auto hosts = request.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && request.version() >= 11))
        return malformed("a request has one Host field");
    if (request.version() != 11 && request.version() != 10)
        return malformed("the version is neither HTTP/1.1 nor 1.0");
    const auto target = view(request.target());
    if (target.empty() || target.front() != '/') return malformed("the target does not begin with /");
    const auto mark = target.find('?');
    auto query = parse_query(mark == target.npos ? std::string_view{} : target.substr(mark + 1));
    if (!query) return malformed("the query has a broken percent escape in it");
    auto row = find_endpoint(view(request.method_string()), target.substr(0, mark), count_->as);
    endpoint_ = row.what;
    allow_ = std::move(row.allow);
    call_.route = std::move(row.route);
    call_.name_space = std::move(row.name_space);
    call_.query = std::move(*query);
    call_.by.address = peer_address();
    if (auto why = check_guards(field("Host"))) return why;
    if (!endpoint_ && allow_.empty())
        return problem{
            .status = 404,
            .name = "not-found",
            .title = "There is nothing here",
            .detail = "no such path: " + std::string(target.substr(0, mark)),
            .hint =
                count_->as == role::admin ? "see /openapi.json" : "changes are made at the admin address"};
    if (!endpoint_)
        return problem{
            .status = 405,
            .name = "method-not-allowed",
            .title = "This method does not apply here",
            .detail = std::string(view(request.method_string())) + " is not one of " + allow_};
    return check_body_rule();
}

// Status addresses are for probes and scrapers, which send what Host they like and have no token.
std::optional<problem> connection::check_guards(std::string_view host) {
    if (count_->as == role::status || (endpoint_ && endpoint_->open)) return std::nullopt;
    call_.by.name = "anonymous@" + call_.by.address;
    if (!home_->tokens)
        if (auto why = check_host(host)) return why;
    if (auto why = check_origin(field("Origin"), host)) return why;
    if (!home_->tokens) return std::nullopt;
    return check_token(*home_->tokens, field("Authorization"), call_.by.name);
}

std::optional<problem> connection::check_body_rule() {
    if (endpoint_->body == body_rule::none) return std::nullopt;
    const auto type = field("Content-Type");
    const bool has_body = !parser_->is_done();
    // What `curl -d` and urllib say of every body; it is parsed as the JSON that it must be. No page can send
    // it from elsewhere: its Origin is refused before.
    if (iequals(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) return std::nullopt;
    if (has_body && type.data() && !is_json(type))
        return problem{
            .status = 415,
            .name = "not-json",
            .title = "The body is of another type than JSON",
            .detail = "Content-Type is \"" + std::string(type) + '"',
            .hint = "send Content-Type: application/json (curl: -H 'Content-Type: application/json')",
            .key = "Content-Type"};
    return std::nullopt;
}

void connection::send_continue() {
    static constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.expires_after(home_->options.limits.write);
    asio::async_write(
        stream_, asio::buffer(text),
        [self = shared_from_this()](error_code error, std::size_t) {
            if (error || self->phase_ == phase::closed) return self->close_now();
            self->read_body();
        }
    );
}

void connection::read_body() {
    stream_.expires_after(home_->options.limits.read);
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
        self->on_body(error);
    });
}

void connection::on_body(error_code error) {
    if (phase_ == phase::closed) return;
    if (error) return on_bad_request(error);
    call_.body = std::move(parser_->get().body());
    dispatch();
}

void connection::on_bad_request(error_code error) {
    const auto& limits = home_->options.limits;
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return refuse(too_large(431, "head", limits.head));
    if (error == http::error::body_limit) return refuse(too_large(413, "body", limits.body));
    // The parser's own errors are the client's; those of the socket leave nobody to answer.
    if (error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return refuse(malformed(error.message()));
    close_now();
}

void connection::dispatch() {
    phase_ = phase::answering;
    stream_.expires_never();
    const auto if_match = parser_->get().equal_range(http::field::if_match);
    for (auto at = if_match.first; at != if_match.second; ++at)
        call_.if_match = (call_.if_match ? *call_.if_match + ", " : "") + std::string(view(at->value()));
    if (!endpoint_->run) return start_stream();

    const auto turn = ++turn_;
    answer_timer_.expires_after(home_->options.limits.answer);
    answer_timer_.async_wait([self = shared_from_this(), turn](error_code error) {
        if (error || self->turn_ != turn || self->phase_ != phase::answering) return;
        self->last_ = true;
        self->send(problem_response(
            {.status = 504,
             .name = "answer-late",
             .title = "The gateway did not answer in time",
             .detail = "the change may still come into force",
             .hint = "read the state again before you repeat the call"}
        ));
    });
    const respond done = [self = shared_from_this(), turn](response answer) {
        if (self->turn_ == turn && self->phase_ == phase::answering) self->send(std::move(answer));
    };
    try {
        endpoint_->run(home_->at, call_, done);
    } catch (const std::exception& error) {
        done(problem_response(
            {.status = 500,
             .name = "internal",
             .title = "The gateway failed to answer",
             .detail = error.what()}
        ));
    }
}

void connection::refuse(const problem& why) {
    last_ = last_ || !parser_->is_done();
    auto answer = problem_response(why);
    if (why.status == 405) answer.fields.emplace_back("Allow", allow_);
    if (why.status == 401) answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"adit\"");
    if (why.status == 503) answer.fields.emplace_back("Retry-After", "1");
    send(std::move(answer));
}

void connection::send(response answer) {
    phase_ = phase::sending;
    answer_timer_.cancel();
    ++turn_;
    const bool known = parser_ && parser_->is_header_done();
    const bool head_only = known && parser_->get().method() == http::verb::head;
    const bool keep_alive = known && parser_->get().keep_alive() && !last_ && !home_->stopping;
    last_ = !keep_alive;
    auto& out =
        answer_.emplace(static_cast<http::status>(answer.status), known ? parser_->get().version() : 11);
    out.set(http::field::date, http_date());
    out.set(http::field::content_type, answer.type);
    out.set(http::field::cache_control, "no-store");
    out.set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : answer.fields) out.set(name, value);
    out.keep_alive(keep_alive);
    out.content_length(answer.body.size());
    if (!head_only) out.body() = std::move(answer.body);
    stream_.expires_after(home_->options.limits.write);
    http::async_write(stream_, out, [self = shared_from_this()](error_code error, std::size_t) {
        if (error || self->phase_ == phase::closed) return self->close_now();
        self->read_next();
    });
}

void connection::shed() {
    last_ = true;
    const problem why{
        .status = 503,
        .name = "too-many-connections",
        .title = "Too many connections",
        .detail =
            "this address has " + std::to_string(home_->options.limits.connections) + " connections open"};
    auto answer = problem_response(why);
    answer.fields.emplace_back("Retry-After", "1");
    send(std::move(answer));
}

// Bytes that arrive after close() would make the kernel reset the connection and take the answer away from a
// client that is still sending (RFC 9112 §9.6): read on for a while.
void connection::linger() {
    phase_ = phase::lingering;
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    stream_.expires_after(home_->options.limits.linger);
    discard();
}

void connection::discard() {
    stream_.async_read_some(
        buffer_.prepare(first_read),
        [self = shared_from_this()](error_code error, std::size_t) {
            if (error || self->phase_ == phase::closed) return self->close_now();
            self->discard();
        }
    );
}

std::string_view connection::field(std::string_view name) const {
    const auto& request = parser_->get();
    const auto at = request.find(beast::string_view(name.data(), name.size()));
    if (at == request.end()) return {};
    // Present and empty is not absent.
    return at->value().empty() ? std::string_view{""} : view(at->value());
}

std::string connection::peer_address() const {
    error_code error;
    const auto peer = stream_.socket().remote_endpoint(error);
    if (error) return "unknown";
    const auto address = peer.address();
    return address.is_v6() && address.to_v6().is_v4_mapped()
               ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
               : address.to_string();
}

void connection::start_stream() {
    endpoint_->what == stream::tap ? start_tap() : start_events();
}

void connection::start_events() {
    if (home_->events.readers() >= home_->options.limits.streams)
        return refuse(
            {.status = 503,
             .name = "too-many-streams",
             .title = "Too many readers of events",
             .detail = "there are " + std::to_string(home_->options.limits.streams) + " already"}
        );
    if (!open_stream()) return;
    pending_ = home_->events.greeting(field("Last-Event-ID"));
    home_->events.add(weak_from_this());
    write_stream();
    watch_stream();
}

// The head of the answer. False where nothing is to follow it.
bool connection::open_stream() {
    const auto& request = parser_->get();
    chunked_ = request.version() >= 11;
    last_ = true;
    phase_ = phase::streaming;
    batch_ = "HTTP/1.1 200 OK\r\nDate: " + http_date() + "\r\nContent-Type: text/event-stream\r\n" +
             "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n" +
             (chunked_ ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    if (request.method() == http::verb::head) {
        chunked_ = false; // no last chunk either
        ending_ = true;
        write_stream();
    }
    return !ending_;
}

void connection::push(const std::string& frame) {
    if (phase_ != phase::streaming || ending_) return;
    if (pending_.size() + frame.size() > home_->options.limits.backlog) return close_now();
    pending_ += frame;
    if (!writing_) write_stream();
}

// Writes what waits, in one chunk; `batch_` holds the response's head at first.
void connection::write_stream() {
    if (batch_.empty() && pending_.empty() && (finished_ || !ending_)) {
        if (!finished_) return;
        error_code ignored;
        stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        return close_now();
    }
    writing_ = true;
    if (!pending_.empty()) {
        std::array<char, 20> size;
        const auto end = std::to_chars(size.data(), size.data() + size.size(), pending_.size(), 16).ptr;
        if (chunked_) batch_.append(size.data(), end).append("\r\n");
        batch_ += pending_;
        if (chunked_) batch_ += "\r\n";
        pending_.clear();
    }
    finished_ = ending_;
    if (finished_ && chunked_) batch_ += "0\r\n\r\n";
    stream_.expires_after(home_->options.limits.write);
    asio::async_write(
        stream_, asio::buffer(batch_),
        [self = shared_from_this()](error_code error, std::size_t) {
            if (error || self->phase_ != phase::streaming) return self->close_now();
            self->writing_ = false;
            self->batch_.clear();
            self->write_stream();
        }
    );
}

// A reader says nothing; its end of the connection is seen by a read.
void connection::watch_stream() {
    buffer_.clear();
    stream_.async_read_some(
        buffer_.prepare(first_read),
        [self = shared_from_this()](error_code error, std::size_t) {
            if (self->phase_ != phase::streaming) return;
            if (error) return self->close_now();
            self->watch_stream();
        }
    );
}

void connection::end_stream() {
    ending_ = true;
    tap_.reset();
    if (!writing_) write_stream();
}

} // namespace adit::admin
