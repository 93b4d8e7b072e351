// Who may go on to an upstream, and who gets an answer without one: everything that a route decides about a
// request by itself, at once.
#include "http/local_answer.hpp"
#include "proxy/exchange.hpp"
#include "proxy/trust.hpp"
#include "proxy/variables.hpp"
#include "proxy/worker.hpp"

#include <algorithm>

namespace adit::proxy {

namespace {
constexpr std::size_t longest_location = 16 * 1024; // bytes
} // namespace

std::string_view exchange::variables::operator()(model::variable what) noexcept {
    using model::variable;
    const auto& head = of_.head_;
    switch (what) {
    case variable::authority: return head.authority();
    case variable::host: return route::normalise_host(head.authority(), host_);
    case variable::method: return head.method_text();
    case variable::path: return http::path_or_root(head);
    // Both stand in one piece, whatever the form of the target.
    case variable::query:
        return head.has_query ? std::string_view{head.query().data() - 1, head.query_size + 1U}
                              : std::string_view{};
    case variable::request_uri: {
        const auto path = http::path_or_root(head);
        if (!head.has_query || head.path_size == 0) return path;
        return {path.data(), path.size() + 1 + head.query_size};
    }
    case variable::remote_addr: return {address_, format_ip(of_.remote_address(), address_)};
    case variable::request_id: return of_.request_id();
    case variable::route: return of_.route_->wish->name;
    case variable::scheme: return of_.is_https() ? "https" : "http";
    case variable::track: return of_.route_->wish->tracks[of_.track_].name;
    case variable::literal:
    case variable::group:
    case variable::named_group:
    case variable::count_: break;
    }
    return {};
}

ip_address exchange::remote_address() const noexcept {
    return client_address(head_, client_->peer(), held_->value->trusted);
}

std::uint64_t exchange::most_body() const noexcept {
    const auto* policy = route_ ? route_->policy.get() : nullptr;
    return policy && policy->body_max ? *policy->body_max : held_->value->limits.body;
}

bool exchange::admit() {
    const auto* policy = route_->policy.get();
    if (route_->https && send_to_https()) return false;
    if (framing_.kind == http::body_kind::length)
        if (const auto most = most_body(); most != 0 && framing_.length > most)
            return answer(http::refusal::body_too_large), false;
    if (policy) [[unlikely]] {
        if (policy->redirect && send_elsewhere(*policy->redirect)) return false;
        if (policy->cors && policy::cors::is_preflight(head_)) return answer_preflight(), false;
        if (policy->rate && !within_rate(*policy->rate)) return false;
        if (policy->access && !policy->access->admits(remote_address()))
            return answer(http::refusal::access_denied), false;
        if (policy->basic_auth && !authenticate(*policy->basic_auth)) return false;
    }
    return true;
}

void exchange::answer_preflight() {
    settle_request();
    http::writer more{worker_.scratch() + own_fields_at, worker::settings::scratch_size - own_fields_at};
    route_->policy->cors->write_preflight(more, head_);
    auto context = own_context(false);
    context.more = more.text();
    http::writer out{worker_.scratch(), own_fields_at};
    http::write_no_content(out, context);
    status_ = 204;
    send_answer(out.text());
}

// False when the request was refused.
bool exchange::within_rate(const policy::rate_limits& limits) {
    using kind = policy::rate_limits::verdict::kind;
    const auto verdict = limits.admit(head_, remote_address(), worker_.loop.now(), places_);
    if (verdict.what == kind::pass) return true;
    constexpr instant second = 1'000'000'000;
    retry_after_ = static_cast<std::uint32_t>((verdict.wait + second - 1) / second);
    answer(verdict.what == kind::too_fast ? http::refusal::rate_limited : http::refusal::concurrency_limited);
    return false;
}

// True when the request was answered so.
bool exchange::send_elsewhere(const policy::redirect& where) {
    auto raw = http::path_or_root(head_);
    if (raw == "*") return false;
    const auto path = route::normalise_path(raw, {worker_.scratch(), worker::settings::scratch_size});
    pattern::groups groups;
    if (!path || !where.applies(*path, groups)) return false;
    // Behind the path and behind where the answer is then written.
    const auto at = std::max(worker::settings::scratch_size / 2, raw.size());
    http::writer location{worker_.scratch() + at, own_fields_at - at};
    where.write_location(location, groups, variables{*this});
    if (location.overflowed() || location.text().size() > longest_location)
        return answer(http::refusal::request_line_too_long), true;
    settle_request();
    http::writer out{worker_.scratch(), own_fields_at};
    http::write_redirect(out, where.code(), location.text(), own_context());
    status_ = where.code();
    send_answer(out.text());
    return true;
}

} // namespace adit::proxy
