// Certificates of clients: who may go on to a host that asks for one, and what its upstream is told.
#include "net/tls_client_rule.hpp"
#include "net/tls_session.hpp"
#include "proxy/exchange.hpp"
#include "proxy/worker.hpp"

#include <algorithm>

namespace adit::proxy {

namespace {

// Names in which '-' and '_' are the same to upstreams that make variables of them.
bool same_name(std::string_view a, std::string_view b) noexcept {
    const auto folded = [](char c) { return c == '_' ? '-' : lower(c); };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return folded(x) == folded(y); });
}

// Nobody but us says who the client is.
void drop_told(http::request_head& head, const net::tls_client_rule::fields& ours) noexcept {
    for (auto& f : head.fields()) {
        const auto name = head.name(f);
        for (const auto* one :
             {&ours.verify, &ours.subject, &ours.issuer, &ours.fingerprint, &ours.certificate})
            f.dropped |= !one->empty() && same_name(name, *one);
    }
}

} // namespace

// Whether some host asks for certificates now, or did when the connection was made.
bool exchange::has_demands() const noexcept {
    const auto* store = worker_.tls().get();
    return (store && store->has_rules()) || (client_->tls() && client_->tls()->rule());
}

// False when the request was answered.
bool exchange::meets_demands(std::string_view host) {
    using demand = net::tls_client_rule::demand;
    const auto* store = worker_.tls().get();
    const auto* rule = store ? store->rule_of(host) : nullptr;
    if (rule) drop_told(head_, rule->tell);
    const auto* tls = client_->tls();
    if (!tls) {
        if (!rule || rule->verify != demand::required) return true;
        return answer(http::refusal::client_certificate_missing), false;
    }
    // The client was asked for what the name of its handshake demands (RFC 9110 §15.5.20).
    const auto* asked = tls->rule();
    const bool same = rule && asked ? rule->identity == asked->identity : rule == asked;
    if (!same) return answer(http::refusal::misdirected), false;
    if (!rule) return true;
    const auto& who = *tls->client();
    if (who.given && !who.good) return answer(http::refusal::client_certificate_invalid), false;
    if (!who.given && rule->verify == demand::required)
        return answer(http::refusal::client_certificate_missing), false;
    return true;
}

void exchange::tell_identity(http::writer& out) const noexcept {
    const auto* rule = client_->tls()->rule();
    if (!rule) return;
    const auto& who = *client_->tls()->client();
    const auto tell = [&](const std::string& name, const std::string& value) {
        if (!name.empty() && !value.empty()) out.line(name, value);
    };
    tell(rule->tell.verify, who.verify);
    tell(rule->tell.subject, who.subject);
    tell(rule->tell.issuer, who.issuer);
    tell(rule->tell.fingerprint, who.fingerprint);
    tell(rule->tell.certificate, who.certificate);
}

} // namespace adit::proxy
