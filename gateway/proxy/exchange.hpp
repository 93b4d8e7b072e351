// One request and its response: from the whole head to the last byte out.
#pragma once

#include "canary/choose.hpp"
#include "core/block_pool.hpp"
#include "http/framing.hpp"
#include "http/hop_by_hop.hpp"
#include "http/local_answer.hpp"
#include "http/scanner.hpp"
#include "http/websocket.hpp"
#include "http/writer.hpp"
#include "model/timeouts.hpp"
#include "net/outgoing.hpp"
#include "observe/worker_counters.hpp"
#include "policy/auth_cache.hpp"
#include "policy/compression.hpp"
#include "policy/pace.hpp"
#include "policy/place_table.hpp"
#include "proxy/body.hpp"
#include "proxy/client.hpp"
#include "proxy/sub_request.hpp"
#include "upstream/connection.hpp"
#include "upstream/endpoint_set.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace adit::observe {
class span_record;
struct exchange_record;
} // namespace adit::observe

namespace adit::policy {
struct basic_auth;
struct basic_login;
class error_pages;
class header_edits;
class rate_limits;
class redirect;
class rewrite;
struct route_policy;
} // namespace adit::policy

namespace adit::proxy {

class worker;
class gathered_body;
struct authorisation;
struct compiled_route;
struct compressor;
struct page_request;
struct held_snapshot;
struct login_check;
struct route_state;
struct trace;

// Lent by the worker to a client from the first byte of a request on. Memory is bounded whatever the sizes of
// the bodies: one block for the request, one for the response, and one each for what a full socket would not
// take.
//
// Stations: begin() → choose route and track → admit → lease an endpoint → send head → relay both bodies →
// finish(). Both directions run at the same time. What was refused ends in answer().
class exchange final : public upstream::lessee, private upstream::waiter {
public:
    explicit exchange(worker& home);

    // Reading the head, driven by the client.
    void open(client& owner, instant now);
    // For the next request on the same connection, whose first bytes lie in the block already.
    void reopen(client& owner, instant now, std::size_t rest_at, std::size_t rest_size);
    block& input() noexcept { return input_; }
    std::size_t input_size() const noexcept { return input_end_; }
    void add_input(std::size_t size) noexcept { input_end_ += size; }
    http::progress scan() noexcept;
    http::refusal scan_refusal() const noexcept { return scanner_.refusal(); }
    bool head_started() const noexcept { return scanner_.started(); }

    // The head is whole. Returns when the exchange waits for something or is over.
    void begin();
    // Answers `reason` instead of going on; the head may be broken.
    void refuse(http::refusal reason);

    // What the client does while the exchange is under way.
    void client_read(std::size_t size);
    void client_closed();
    void client_broke();
    void client_leaves(); // its end waits behind bytes that nobody reads now
    void client_writable();
    void client_timed_out();

    void upstream_connected(const net::error_code& error) override;
    void upstream_securing() override;
    void upstream_read(const net::error_code& error, std::size_t size) override;
    void upstream_writable() override;

    // The worker takes its leave: a tunnel is ended, what is no tunnel goes on.
    void part();

    // Ends without a word to anybody: the client is closed already.
    void abandon();

private:
    // What became of an attempt before the last one.
    struct failed_attempt {
        upstream::endpoint_ref endpoint;
        http::refusal reason = http::refusal::none;
        std::uint16_t status = 0; // that was not passed on
        bool stale = false;       // its connection had grown old in the pool: no fault of the endpoint
    };

    enum class station : std::uint8_t {
        head,
        authenticating, // waits for a slow hash
        authorising,    // waits for a service's answer
        gathering,      // waits for the rest of the body
        waiting,        // waits for a place at an endpoint
        connecting,
        carrying,
        paging, // waits for an error page
        answering,
        over,
    };
    enum class parting : std::uint8_t {
        none,
        wanted, // at the end of the frame that is on its way
        said    // the client has our close frame, or its endpoint's
    };
    struct answer_extra {
        std::uint16_t status = 0;     // instead of the reason's own; 0 = that
        std::string_view fields = {}; // lines that belong to it
    };

    // exchange.cpp: from the head to an endpoint. What returns bool says whether to go on.
    bool accept_head();
    bool withstand();
    bool choose();
    void settle_track(route_state& state);
    void admitted();
    void authorised();
    void lease_first();
    std::string_view wanted_protocol() const noexcept;

    // https.cpp
    bool is_https() const noexcept;
    bool send_to_https();
    void write_hsts(http::writer& out) noexcept;
    void drop_upstreams_hsts() noexcept;

    // client_certificate.cpp: what hosts ask of their clients
    bool has_demands() const noexcept;
    bool meets_demands(std::string_view host);
    void tell_identity(http::writer& out) const noexcept;

    // retry.cpp: after an attempt that failed
    bool replayable() const noexcept;
    bool repeatable() const noexcept;
    bool take_retry() noexcept;
    void retry_or_fail(http::refusal reason);
    bool retry_by_status();
    void discard_response();
    void retry(observe::retry_reason why, failed_attempt failed);
    void enter_budget() noexcept;
    void leave_budget() noexcept;

    // admit.cpp: what the route decides by itself
    class variables;
    bool admit();
    bool send_elsewhere(const policy::redirect& where);
    void answer_preflight();
    bool within_rate(const policy::rate_limits& limits);
    ip_address remote_address() const noexcept;
    std::uint64_t most_body() const noexcept;

    // authenticate.cpp: by name and password
    bool authenticate(const policy::basic_auth& by);
    void check_elsewhere(
        const policy::basic_auth& by, const policy::basic_login& login, const std::string& stored, bool known
    );
    void login_checked(bool right);
    void log_in(const policy::basic_auth& by) noexcept;

    // reshape.cpp: what the route changes in heads
    std::string_view write_rewritten_head(const policy::rewrite& by);
    void drop_replaced(const policy::route_policy& by) noexcept;
    void write_replacing(http::writer& out, const policy::route_policy& by) noexcept;
    std::string_view own_fields() noexcept;

    // authorise.cpp: a service is asked first
    bool authorise();
    std::string_view write_auth_question(std::string_view service);
    void ask_authoriser();
    void authoriser_told(sub_request::outcome what);
    void authoriser_failed();
    bool settle_authorisation(policy::auth_verdict verdict);
    std::string_view auth_cookies() const noexcept;
    void drop_authorisation() noexcept;

    // gather.cpp: the whole body is waited for
    bool gather();
    void gather_read();
    bool gather_part(std::string_view payload);
    void gathered_all();
    void drop_gathered() noexcept;

    // lease.cpp: which endpoint, and the line in front of them
    upstream::endpoint_set* endpoints() noexcept;
    void lease(upstream::pool::demand what);
    void lease_spare();
    upstream::endpoint* pick_default_backend(const upstream::endpoint* avoid) noexcept;
    void lease_from(upstream::endpoint& chosen);
    upstream::endpoint* pick(upstream::endpoint_set& set) noexcept;
    void wait_for_place(upstream::endpoint_set& set);
    bool place_free() override;
    void leave_line() noexcept;
    void drop_upstream();
    void leave_endpoint() noexcept;
    void measure() noexcept;
    void note(upstream::outcome what);

    // request.cpp: client → upstream
    std::string_view request_id() noexcept;
    void write_forwarded(http::writer& out, const policy::header_edits* edits);
    bool passes_request_trailers() const noexcept;
    std::string_view request_trailers() const noexcept;
    bool takes_trailers() const noexcept;
    void write_request_framing(http::writer& out);
    std::string_view write_request_head();
    void write_target(http::writer& out);
    std::string_view write_request_fields(http::writer& out);
    bool take_first_body();
    void send_request();
    bool count_body(const body_reader::taken& taken);
    void flush_request();
    void request_drained();
    void read_more_request();
    void await_first_byte() noexcept;
    void continue_ourselves();

    // response.cpp: upstream → client
    void scan_response();
    void upstream_is_wrong();
    bool pass_interim();
    void write_tellings(http::writer& out);
    void write_response_framing(http::writer& out, const http::response_frame& frame, bool chunked);
    void begin_response();
    bool pass_body(std::size_t at);
    void relay(bool full);
    void relay_on(bool full);
    void read_more_response();
    bool flush_response();
    void upstream_ended(bool cleanly);
    void release_upstream();

    // compress.cpp: the response's body on its way
    policy::compression::decision begin_compression(http::response_frame& frame);
    bool compress(std::string_view& payload, bool last);
    void drop_compressor() noexcept;

    // tunnel.cpp: after a 101
    void switch_protocols();
    void keep_head();
    void tunnel_client_read(std::size_t size);
    void tunnel_flush_up();
    void tunnel_drained_up();
    void tunnel_upstream_read(const net::error_code& error, std::size_t size);
    bool tunnel_flush_down();
    void tunnel_client_writable();
    void tunnel_drained_down();

    // parting.cpp: the end of a tunnel when the worker leaves
    void tunnel_add_down(std::string_view data);
    void say_farewell();
    void touch_tunnel() noexcept;

    // timing.cpp: what time does
    void on_timer();
    void on_whole_timer();
    void bound_exchange() noexcept;
    void bound_attempt() noexcept;
    void arm_upstream_timer(std::chrono::nanoseconds time) noexcept;
    void attempt_timed_out();
    void connecting_timed_out();
    void timed_out(observe::timeout_kind which) noexcept;
    policy::pace_bounds pace_of(std::chrono::milliseconds idle) const noexcept;
    void arm_client_timer(bool reading_body);
    void judge_body();
    void judge_delivery();

    // error_page.cpp: answers with an error status
    const policy::error_pages* pages_in_force() const noexcept;
    http::answer_context error_context(std::uint16_t status, std::string_view fields);
    void send_error(std::uint16_t status, http::refusal reason, std::string_view fields);
    void send_plain_error(std::uint16_t status, http::refusal reason, std::string_view fields);
    void
    send_page(std::uint16_t status, std::string_view fields, std::string_view type, std::string_view content);
    bool ask_for_page(
        const policy::error_pages& pages, std::uint16_t status, http::refusal reason, std::string_view fields
    );
    void page_told(sub_request::outcome what);
    void drop_page() noexcept;
    bool intercept();

    // trace.cpp: only with trace_
    void begin_trace();
    void write_trace(http::writer& out, const policy::header_edits* edits) const noexcept;
    void begin_attempt() noexcept;
    void trace_target(std::string_view head) noexcept;
    void end_attempt() noexcept;
    void note_attempt(http::refusal reason) noexcept;
    void describe(observe::span_record& span) const noexcept;
    void note_exchange() noexcept;
    void drop_trace() noexcept;

    // record.cpp: what is told of it when it is over
    void tell_end(bool cut_off = false);
    void write_times(observe::exchange_record& to) const noexcept;
    void write_choice(observe::exchange_record& to);
    void write_request(observe::exchange_record& to) const noexcept;

    // finish.cpp: the end
    void answer(http::refusal reason) { answer(reason, {}); }
    void answer(http::refusal reason, answer_extra extra);
    void answer_options();
    void settle_request() noexcept;
    http::answer_context own_context(bool with_own_fields = true);
    void send_answer(std::string_view text, std::string_view content = {});
    void cut(http::refusal reason);
    void finish();
    void record();
    void end(client::ending how);
    void let_go();

    // Where in the scratch memory own_fields() lie; answers of our own are written in front of them.
    static constexpr std::size_t own_fields_at = 52 * 1024;
    // Where, in front of these, lines that belong to the status of an error are put together.
    static constexpr std::size_t status_fields_at = 34 * 1024;

    worker& worker_;
    client* client_ = nullptr;
    held_snapshot* held_ = nullptr;
    const compiled_route* route_ = nullptr;
    const model::timeouts* times_ = nullptr; // of the route, once there is one
    observe::track_counters* counters_ = nullptr;
    upstream::endpoint_ref endpoint_; // of the last attempt, kept to the end of the exchange
    upstream::connection* upstream_ = nullptr;
    net::deadline timer_; // of the upstream side
    net::deadline whole_timer_;
    policy::pace body_pace_;
    policy::delivery delivery_;

    // Null unless the route asks for what they do.
    proxy::compressor* compressor_ = nullptr; // of the response
    authorisation* auth_ = nullptr;           // what the authorising service was asked, and said
    gathered_body* gathered_ = nullptr;       // the request's body, held as a whole
    page_request* page_ = nullptr;            // the error page that was asked for
    trace* trace_ = nullptr;                  // only while tracing is on

    station station_ = station::over;
    http::refusal refusal_ = http::refusal::none;
    upstream::pool::demand demand_ = upstream::pool::demand::any; // of the attempt under way
    std::uint8_t track_ = 0; // that carries the exchange; choice_.track is the one that was drawn
    std::uint8_t attempts_ = 0;
    std::uint8_t stale_ = 0; // of these, on pooled connections that turned out to be closed
    std::uint8_t failed_count_ = 0;
    std::uint8_t interims_ = 0;
    bool keep_alive_ = false;
    bool body_started_ = false;      // the first part of the request's body was taken from the block
    bool whole_body_at_once_ = true; // the block holds all of it: it could be sent again
    bool last_was_reused_ = false;   // the connection of the attempt before
    bool response_started_ = false;  // bytes of it went to the client
    bool received_any_ = false;      // from the upstream, in this attempt
    bool request_done_ = false;      // all of the request was sent
    bool request_broken_ = false;    // the upstream takes no more of it
    bool upstream_keeps_ = false;
    bool upgrade_wanted_ = false;
    bool tunnel_ = false;
    bool websocket_ = false; // the tunnel's protocol
    bool counted_ = false;   // towards limits.in_flight
    parting parting_ = parting::none;
    bool expects_ = false;                      // waits for 100 (Continue)
    bool in_budget_ = false, retrying_ = false; // counted in the route's retry budget
    bool trusted_ = false;                      // the peer may say who it speaks for
    bool reset_needed_ = false;
    bool rewrite_failed_ = false;
    std::uint8_t said_ = 0;                              // bytes of a 100 that we said ourselves, gathering
    std::uint32_t retry_after_ = 0;                      // seconds, of a refusal by a limit
    std::shared_ptr<login_check> login_;                 // while a password is checked
    policy::held_places places_;                         // of limits of the route
    bool in_line_ = false;                               // waits for a place at an endpoint
    bool holds_place_ = false;                           // among those that its endpoint has over all workers
    bool issue_sticky_ = false;                          // `sticky_` is to be sent to the client
    bool client_ended_ = false, upstream_ended_ = false; // of a tunnel: that side sends no more

    http::connection_options options_;
    http::websocket_frames frames_; // of a WebSocket, to the client
    canary::choice choice_;
    upstream::sticky_value sticky_{};
    char request_id_[32] = {};
    std::uint16_t status_ = 0; // that the client got
    http::framing framing_;
    instant started_ = 0;
    instant attempt_at_ = 0, sent_at_ = 0, first_byte_at_ = 0; // of the last attempt; 0: not come so far
    instant attempt_ends_ = 0;                                 // 0: not bounded
    std::uint64_t bytes_in_ = 0, bytes_out_ = 0, sent_upstream_ = 0, carried_body_ = 0;
    std::uint64_t head_out_ = 0; // of bytes_out_: interim answers and the head of the response

    std::array<failed_attempt, model::retry::max_attempts + 1> failed_; // [0, failed_count_)
    block input_, output_;
    std::size_t input_end_ = 0;  // bytes in input_
    std::size_t head_end_ = 0;   // where the head ends in it
    std::size_t body_at_ = 0;    // bytes of the request not yet decoded: [body_at_, input_end_)
    std::size_t output_end_ = 0; // bytes in output_
    http::head_scanner scanner_, response_scanner_;
    std::unique_ptr<char[]> kept_head_; // of a tunnel, which holds no block while it is idle
    std::string_view first_payload_;    // of the body, as it lay in the block with the head
    body_reader request_body_, response_body_;
    body_writer request_writer_, response_writer_;
    net::outgoing to_upstream_, to_client_;
    http::request_head head_;
    http::response_head response_;
};

} // namespace adit::proxy
