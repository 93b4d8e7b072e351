#include "model/validate_tls.hpp"

#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/grammar.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace adit::model {

namespace {

constexpr std::uint32_t deepest_chain = 32; // certificates

void check_certificates(const std::vector<certificate>& wish, const findings& found) {
    for (std::size_t i = 0; i < wish.size(); ++i) {
        const auto here = found.item(i).at(wish[i].at);
        if (wish[i].chain.empty())
            here.under("cert").error("a certificate needs its chain", "e.g. cert: tls.crt");
        if (wish[i].key.empty()) here.under("key").error("a certificate needs its key", "e.g. key: tls.key");
    }
}

// Told in the place of such a field, a client's name would change the framing or the way of its requests.
bool is_reserved(std::string_view name) {
    static constexpr std::array<std::string_view, 8> reserved{
        "host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect", "trailer"};
    return std::any_of(reserved.begin(), reserved.end(), [&](auto one) { return iequals(one, name); });
}

void check_field(const std::string& name, std::string_view key, const findings& found) {
    if (!name.empty() && (!is_token(name) || is_reserved(name)))
        found.under("pass").under(key).error(
            ticked(name) + " is not a header to tell that by", "e.g. ssl-client-" + std::string(key)
        );
}

void check_clients(const std::vector<client_certificates>& wish, const findings& found) {
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < wish.size(); ++i) {
        const auto& one = wish[i];
        const auto here = found.item(i).at(one.at);
        if (one.hosts.empty())
            here.under("hosts").error("there are no hosts", "e.g. hosts: [admin.shop.test]");
        for (std::size_t j = 0; j < one.hosts.size(); ++j) {
            const auto host = here.under("hosts").item(j);
            if (auto why = check_host_pattern(one.hosts[j])) host.error(std::move(*why));
            const auto [first, fresh] = seen.emplace(one.hosts[j], i);
            if (!fresh)
                host.error(
                    "the host " + ticked(one.hosts[j]) + " is asked for certificates by clients[" +
                        std::to_string(first->second) + "] already",
                    "remove one of the two"
                );
        }
        if (one.ca.empty() && one.verify != client_certificates::demand::unverified)
            here.under("ca").error("nobody vouches for the certificates", "e.g. ca: authorities.crt");
        if (one.depth > deepest_chain)
            here.under("depth").error(
                std::to_string(one.depth) + " is out of range", "from 0 to " + std::to_string(deepest_chain)
            );
        check_field(one.verify_field, "verify", here);
        check_field(one.subject_field, "subject", here);
        check_field(one.issuer_field, "issuer", here);
        check_field(one.fingerprint_field, "fingerprint", here);
        check_field(one.certificate_field, "certificate", here);
    }
}

} // namespace

void check_upstream_tls(const upstream_tls& wish, const findings& found) {
    if (!wish.server_name.empty() && !is_dns_name(wish.server_name) && !parse_ip(wish.server_name))
        found.under("server_name")
            .error(ticked(wish.server_name) + " is neither a DNS name nor an IP address", "e.g. shop.svc");
    if (wish.chain.empty() != wish.key.empty())
        found.under(wish.chain.empty() ? "cert" : "key")
            .error("a certificate and its key belong together", "write both, or none");
}

void check_https(const https& wish, const findings& found) {
    static constexpr std::array<std::uint16_t, 6> redirects{0, 301, 302, 303, 307, 308};
    if (std::find(redirects.begin(), redirects.end(), wish.redirect) == redirects.end())
        found.under("redirect")
            .error(
                std::to_string(wish.redirect) + " is not the status of a redirect",
                "301, 302, 303, 307 or 308"
            );
    if (wish.port == 0)
        found.under("port").error("port 0 cannot be connected to", "a number from 1 to 65535");
    if (!wish.hsts) return;
    const auto& hsts = *wish.hsts;
    if (hsts.max_age.count() < 0) found.under("hsts").under("max_age").error("a time is not negative");
    const bool listable = hsts.include_subdomains && hsts.max_age >= https::strict_transport{}.max_age;
    if (hsts.preload && !listable)
        found.under("hsts").under("preload").warn(
            "browsers preload only hosts that include their subdomains for a year",
            "include_subdomains: true and max_age: 31536000"
        );
}

void check_tls(const gateway& wish, const findings& found) {
    const auto& tls = wish.tls;
    check_certificates(tls.certificates, found.under("certificates"));
    check_clients(tls.clients, found.under("clients"));
    if (tls.min_version > tls.max_version)
        found.under("min_version").error("the oldest version is newer than the newest", "1.2 or 1.3");
    const bool wanted =
        std::any_of(wish.listeners.begin(), wish.listeners.end(), [](const auto& one) { return one.tls; });
    if (wanted && tls.certificates.empty())
        found.under("certificates")
            .warn(
                "there is no certificate, so a self-signed one is made up that no client trusts",
                "e.g. certificates: [{cert: tls.crt, key: tls.key}]"
            );
}

} // namespace adit::model
