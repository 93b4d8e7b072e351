// Plain requests to https, and the word to browsers that they should not ask in clear again.
#include "http/local_answer.hpp"
#include "proxy/exchange.hpp"
#include "proxy/https_rule.hpp"
#include "proxy/worker.hpp"

namespace adit::proxy {

namespace {
constexpr std::size_t answer_room = worker::settings::scratch_size / 2; // bytes of the scratch memory
} // namespace

std::unique_ptr<const https_rule> https_rule::compile(const model::https& wish) {
    if (wish.redirect == 0 && !wish.hsts) return nullptr;
    auto out = std::make_unique<https_rule>();
    out->redirect = wish.redirect;
    if (wish.port != 443) out->port = ':' + std::to_string(wish.port);
    if (!wish.hsts) return out;
    out->hsts = "Strict-Transport-Security: max-age=" + std::to_string(wish.hsts->max_age.count());
    if (wish.hsts->include_subdomains) out->hsts += "; includeSubDomains";
    if (wish.hsts->preload) out->hsts += "; preload";
    out->hsts += "\r\n";
    return out;
}

// What the client sees: a trusted peer may have taken TLS off.
bool exchange::is_https() const noexcept {
    if (client_->tls()) return true;
    return trusted_ && iequals(head_.get(http::field_id::x_forwarded_proto), "https");
}

// True when the request was answered so.
bool exchange::send_to_https() {
    const auto& rule = *route_->https;
    const auto path = http::path_or_root(head_);
    if (rule.redirect == 0 || path == "*" || is_https()) return false;
    auto host = head_.authority();
    if (host.empty()) return answer(http::refusal::missing_host), true;
    const auto bracket = host.rfind(']');
    if (const auto colon = host.rfind(':');
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket))
        host = host.substr(0, colon);
    settle_request();
    http::writer location{worker_.scratch() + answer_room, own_fields_at - answer_room};
    location << "https://" << host << rule.port << path;
    if (head_.has_query) location << "?" << head_.query();
    if (location.overflowed()) return answer(http::refusal::request_line_too_long), true;
    http::writer out{worker_.scratch(), answer_room};
    http::write_redirect(out, rule.redirect, location.text(), own_context());
    if (out.overflowed()) return answer(http::refusal::request_line_too_long), true;
    status_ = rule.redirect;
    send_answer(out.text());
    return true;
}

// In responses to requests over TLS only (RFC 6797 §7.2), in the place of what the upstream says.
void exchange::write_hsts(http::writer& out) noexcept {
    const auto& line = route_->https->hsts;
    if (line.empty() || !is_https()) return;
    out << line;
}

void exchange::drop_upstreams_hsts() noexcept {
    if (route_->https->hsts.empty() || !is_https()) return;
    for (auto& f : response_.fields())
        if (iequals(response_.name(f), "strict-transport-security")) f.dropped = true;
}

} // namespace adit::proxy
