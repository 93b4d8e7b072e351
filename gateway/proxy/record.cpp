// What is told of an exchange that is over. Nothing here runs unless somebody wants to know.
#include "http/refusal.hpp"
#include "net/tls_session.hpp"
#include "observe/record_ring.hpp"
#include "policy/basic_auth.hpp"
#include "policy/route_policy.hpp"
#include "proxy/exchange.hpp"
#include "proxy/recording.hpp"
#include "proxy/trace.hpp"
#include "proxy/trust.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

namespace {

using text = observe::exchange_record::text;

// Most bytes of each text. Names come first, so that what a client sends can only shorten itself.
constexpr std::size_t longest_id = 128;
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_endpoint = 96;
constexpr std::size_t longest_method = 32;
constexpr std::size_t longest_user = 64;
constexpr std::size_t longest_path = 512;
constexpr std::size_t longest_query = 384;
constexpr std::size_t longest_referer = 256;
constexpr std::size_t longest_agent = 256;

constexpr std::uint16_t first_failure = 499; // the client left, 5xx

// The most significant octet first, as the ids are written.
template <std::size_t N>
void put_id(std::array<std::uint8_t, N>& to, std::size_t at, std::uint64_t id) noexcept {
    for (std::size_t i = 0; i < 8; ++i) to[at + i] = static_cast<std::uint8_t>(id >> (56 - 8 * i));
}

} // namespace

// `cut_off`: by nobody's wish but ours to be gone.
void exchange::tell_end(bool cut_off) {
    const auto& to = worker_.recording();
    if (cut_off && station_ == station::carrying && response_started_) status_ = response_.status;
    const bool failed =
        cut_off || status_ >= first_failure || (refusal_ != http::refusal::none && status_ < 400);
    const bool logged = to.log && ((failed && to.always_errors) || to.sample == model::weight::whole ||
                                   worker_.random.below(model::weight::whole) < to.sample);
    if (!logged && !to.tap) return;
    auto* one = to.ring->take();
    if (!one) {
        auto& counters = worker_.counters();
        if (logged) counters.log_dropped.add();
        if (to.tap) counters.tap_dropped.add();
        return;
    }
    one->for_log = logged;
    one->for_tap = to.tap;
    one->failed = failed;
    one->end = cut_off ? "cut-off" : refusal_ == http::refusal::none ? "done" : http::traits(refusal_).word;
    write_times(*one);
    write_choice(*one);
    write_request(*one);
    to.ring->give(one);
}

void exchange::write_times(observe::exchange_record& to) const noexcept {
    to.started = started_;
    to.attempt_at = attempt_at_;
    to.sent_at = sent_at_;
    to.first_byte_at = first_byte_at_;
    to.ended = worker_.loop.now();
    to.bytes_in = bytes_in_ - (input_end_ - body_at_);
    to.bytes_out = bytes_out_;
    to.body_out = bytes_out_ > head_out_ ? bytes_out_ - head_out_ : 0;
    to.attempts = attempts_;
    to.status = status_;
    if (!trace_) return;
    put_id(to.trace_id, 0, trace_->own.trace_high);
    put_id(to.trace_id, 8, trace_->own.trace_low);
    put_id(to.span_id, 0, trace_->own.span);
    put_id(to.parent_id, 0, trace_->came_from);
    to.trace_flags = trace_->own.flags;
}

// Needs the names of the route's tracks before anything that a client says.
void exchange::write_choice(observe::exchange_record& to) {
    to.put(text::request_id, request_id(), longest_id);
    if (!route_) return;
    const auto& wish = *route_->wish;
    to.put(text::route, wish.name, longest_name);
    to.put(text::track, wish.tracks[track_].name, longest_name);
    if (choice_.track != track_) to.put(text::chosen, wish.tracks[choice_.track].name, longest_name);
    to.reason = canary::to_text(choice_.why);
    if (choice_.rule != canary::no_rule) to.rule = choice_.rule;
    if (choice_.bucket != canary::no_bucket) to.bucket = choice_.bucket;
    to.weight = choice_.weight;
    to.total = choice_.total;
    if (endpoint_) to.put(text::endpoint, endpoint_->text(), longest_endpoint);
}

void exchange::write_request(observe::exchange_record& to) const noexcept {
    to.peer = client_->peer();
    to.client = client_address(head_, client_->peer(), held_->value->trusted);
    to.minor_version = head_.minor_version;
    if (const auto* session = client_->tls()) to.tls = session->version_text();
    using http::field_id;
    if (head_.method_size == 0) return; // not even the request line could be read
    to.put(text::method, head_.method_text(), longest_method);
    to.put(
        text::host, head_.authority_size > 0 ? head_.authority() : head_.get(field_id::host), longest_name
    );
    if (route_ && route_->policy && route_->policy->basic_auth) {
        policy::basic_login login;
        const auto said = head_.get(field_id::authorization);
        if (said.size() <= policy::basic_login::longest && login.read(said))
            to.put(text::user, login.user, longest_user);
    }
    // Of a target that was refused all there is.
    const bool whole = head_.path_size > 0 || head_.absolute_form;
    to.put(text::path, whole ? http::path_or_root(head_) : head_.target(), longest_path);
    to.put(text::query, head_.query(), longest_query);
    to.put(text::referer, head_.get(field_id::referer), longest_referer);
    to.put(text::user_agent, head_.get(field_id::user_agent), longest_agent);
}

} // namespace adit::proxy
