#include "proxy/exchange.hpp"

#include "proxy/trust.hpp"
#include "proxy/worker.hpp"
#include "route/normalise.hpp"

#include <cstring>

namespace adit::proxy {

exchange::exchange(worker& home)
    : worker_(home),
      timer_([](void* self) { static_cast<exchange*>(self)->on_timer(); }, this),
      whole_timer_([](void* self) { static_cast<exchange*>(self)->on_whole_timer(); }, this) {}

void exchange::open(client& owner, instant now) {
    client_ = &owner;
    held_ = nullptr;
    route_ = nullptr;
    counters_ = nullptr;
    endpoint_ = nullptr;
    upstream_ = nullptr;
    compressor_ = nullptr;
    auth_ = nullptr;
    gathered_ = nullptr;
    page_ = nullptr;
    trace_ = nullptr;
    station_ = station::head;
    refusal_ = http::refusal::none;
    track_ = attempts_ = interims_ = stale_ = failed_count_ = 0;
    keep_alive_ = body_started_ = response_started_ = received_any_ = request_done_ = request_broken_ = false;
    upstream_keeps_ = upgrade_wanted_ = tunnel_ = websocket_ = counted_ = expects_ = trusted_ =
        reset_needed_ = rewrite_failed_ = false;
    client_ended_ = upstream_ended_ = in_line_ = holds_place_ = issue_sticky_ = false;
    parting_ = parting::none;
    retry_after_ = said_ = 0;
    options_ = {};
    choice_ = {};
    framing_ = {};
    started_ = now;
    request_id_[0] = '\0';
    status_ = 0;
    whole_body_at_once_ = true;
    last_was_reused_ = false;
    attempt_at_ = sent_at_ = first_byte_at_ = 0;
    bytes_in_ = bytes_out_ = sent_upstream_ = carried_body_ = head_out_ = 0;
    if (!input_) input_ = block{worker_.blocks};
    input_end_ = head_end_ = body_at_ = output_end_ = 0;
    scanner_ = {};
    head_.reset();
    first_payload_ = {};
}

void exchange::reopen(client& owner, instant now, std::size_t rest_at, std::size_t rest_size) {
    if (rest_at > 0) std::memmove(input_.data(), input_.data() + rest_at, rest_size);
    open(owner, now);
    input_end_ = rest_size;
}

http::progress exchange::scan() noexcept {
    const auto& limits = worker_.current().limits;
    return scanner_.scan(
        head_, {input_.data(), input_end_},
        {.first_line = limits.request_line, .head = limits.head, .fields = limits.fields}
    );
}

void exchange::begin() {
    held_ = &worker_.enter_snapshot();
    times_ = &held_->value->timeouts;
    head_end_ = body_at_ = scanner_.skipped() + head_.size;
    bytes_in_ = input_end_;
    const auto& limits = held_->value->limits;
    const bool bounded = limits.memory != 0 || limits.in_flight != 0;
    if (accept_head() && (!bounded || withstand()) && choose() && admit()) admitted();
}

// Nothing that the route decides about requests by itself stands in the way of this one.
void exchange::admitted() {
    if (route_->external_auth && !authorise()) return;
    authorised();
}

void exchange::authorised() {
    if (route_->gathers != 0 && !gather()) return;
    lease_first();
}

void exchange::lease_first() {
    lease(
        framing_.kind == http::body_kind::none && http::is_idempotent(head_.verb)
            ? upstream::pool::demand::any
            : upstream::pool::demand::checked
    );
}

void exchange::refuse(http::refusal reason) {
    if (!held_) held_ = &worker_.enter_snapshot();
    times_ = &held_->value->timeouts;
    head_.minor_version = 1;
    head_.verb = http::method::other;
    framing_ = {};
    request_body_.begin(http::body_kind::none, 0);
    body_at_ = bytes_in_ = input_end_;
    answer(reason);
}

bool exchange::accept_head() {
    framing_ = http::request_framing(head_);
    request_body_.begin(framing_.kind, framing_.length);
    auto reason = framing_.reason;
    if (reason == http::refusal::none) reason = http::check_request(head_);
    options_ = http::mark_hop_by_hop(head_);
    keep_alive_ = head_.minor_version >= 1 ? !options_.close : options_.keep_alive;
    trusted_ = contains(held_->value->trusted, client_->peer());
    if (held_->value->tracing) [[unlikely]]
        begin_trace();
    if (reason != http::refusal::none) {
        answer(reason);
        return false;
    }
    if (head_.verb == http::method::options && head_.get(http::field_id::max_forwards) == "0") {
        answer_options();
        return false;
    }
    upgrade_wanted_ = options_.upgrade && head_.has(http::field_id::upgrade) && head_.minor_version >= 1 &&
                      framing_.kind == http::body_kind::none;
    expects_ = head_.minor_version >= 1 && framing_.kind != http::body_kind::none &&
               iequals(head_.get(http::field_id::expect), "100-continue");
    worker_.counters().underscore_fields_dropped.add(
        drop_unbelieved(head_, trusted_, held_->value->underscore_fields)
    );
    return true;
}

bool exchange::choose() {
    const auto& now = *held_->value;
    char host_room[route::max_host];
    const auto host = route::normalise_host(head_.authority(), host_room);
    if (has_demands() && !meets_demands(host)) return false;
    auto raw = http::path_or_root(head_);
    if (raw == "*") raw = "/"; // OPTIONS * asks about the server; any route of the host may answer
    const auto path = route::normalise_path(raw, {worker_.scratch(), worker::settings::scratch_size});
    if (!path) return answer(http::refusal::bad_escape), false;
    const auto* entry = now.table.find(head_, host, *path);
    if (!entry) return answer(http::refusal::no_route), false;

    route_ = now.routes[entry->slot];
    times_ = &route_->timeouts;
    auto& state = worker_.state_of(entry->slot);
    if (state.asleep()) [[unlikely]]
        worker_.wake(*route_);
    choice_ = route_->chooser.choose(
        head_, client_address(head_, client_->peer(), held_->value->trusted), state.cuts, worker_.random
    );
    track_ = choice_.track;
    if (choice_.strip_canary_flag || choice_.strip_version_route)
        for (auto& f : head_.fields())
            f.dropped |= (choice_.strip_canary_flag && f.id == http::field_id::x_canary) ||
                         (choice_.strip_version_route && f.id == http::field_id::x_version_route);
    if (choice_.pattern_error) [[unlikely]]
        worker_.counters().pattern_errors.add();
    const bool stands_alone = track_ == 0 || !route_->wish->requires_stable;
    if (!stands_alone && state.tracks[0].empty()) track_ = 0; // which will say that nobody is there
    if (state.tracks[track_].tier() != upstream::tier::healthy) [[unlikely]]
        settle_track(state);
    counters_ = &worker_.counters().track(entry->slot, track_);
    counters_->in_flight.add();
    upgrade_wanted_ = upgrade_wanted_ && wanted_protocol().data() != nullptr;
    bound_exchange();
    if (route_->retry) enter_budget();
    return true;
}

// The track that was chosen has no endpoint that is ready and healthy. It is carried by stable where that has
// better ones, and stable by others if the route says `fallback: any` (house decision 6).
void exchange::settle_track(route_state& state) {
    const auto chosen = track_;
    auto best = state.tracks[chosen].tier();
    const auto consider = [&](std::size_t track) {
        if (state.tracks[track].tier() <= best) return;
        best = state.tracks[track].tier();
        track_ = static_cast<std::uint8_t>(track);
    };
    if (chosen != 0) consider(0);
    if (route_->wish->fallback_any)
        for (std::size_t track = 1; track < state.tracks.size(); ++track) consider(track);
    if (track_ != chosen) worker_.counters().track(route_->slot, chosen).fallbacks.add();
    if (best == upstream::tier::unhealthy) worker_.counters().track(route_->slot, track_).panics.add();
}

// The protocol that the client offers and the route allows; a null view if there is none.
std::string_view exchange::wanted_protocol() const noexcept {
    const auto offered = head_.get(http::field_id::upgrade);
    for (const auto& protocol : route_->wish->upgrades)
        if (http::offers_protocol(offered, protocol)) return protocol;
    return {};
}

void exchange::upstream_connected(const net::error_code& error) {
    worker_.loop.cancel(timer_);
    if (!error) return send_request();
    counters_->connect_failures.add();
    note(upstream::outcome::connect_failure);
    const bool secure = upstream_->tls() != nullptr;
    drop_upstream();
    retry_or_fail(secure ? http::refusal::upstream_tls : http::refusal::connect_failed);
}

void exchange::upstream_securing() {
    arm_upstream_timer(times_->tls_handshake);
}

} // namespace adit::proxy
