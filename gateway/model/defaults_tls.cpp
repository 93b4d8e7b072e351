#include "model/defaults_tls.hpp"

#include "model/gateway.hpp"

#include <string>

namespace adit::model {

namespace {

std::string flag(bool value) {
    return value ? "true" : "false";
}

} // namespace

void add_tls_defaults(std::vector<default_value>& out) {
    out.push_back({"listeners[].tls", flag(listener{}.tls), "Speak TLS here"});
    const model::tls tls;
    out.push_back(
        {"tls.min_version", std::string(to_text(tls.min_version)), "Oldest version of TLS that is spoken"}
    );
    out.push_back(
        {"tls.max_version", std::string(to_text(tls.max_version)), "Newest version of TLS that is spoken"}
    );
    const client_certificates clients;
    out.push_back(
        {"tls.clients[].verify", "required",
         "`required`: no request without a certificate that `ca` vouches for; `optional`: none, or such a "
         "one; "
         "`unverified`: any or none, the upstream judges"}
    );
    out.push_back(
        {"tls.clients[].depth", std::to_string(clients.depth),
         "Certificates between the client's own and one of `ca`"}
    );
    out.push_back(
        {"tls.clients[].pass.verify", clients.verify_field,
         "Request header that tells the upstream SUCCESS, NONE or FAILED:reason; \"\" for none"}
    );
    out.push_back(
        {"tls.clients[].pass.subject", clients.subject_field,
         "Request header with the certificate's subject (RFC 2253)"}
    );
    out.push_back(
        {"tls.clients[].pass.issuer", clients.issuer_field,
         "Request header with the certificate's issuer (RFC 2253)"}
    );
    out.push_back(
        {"tls.clients[].pass.fingerprint", clients.fingerprint_field,
         "Request header with the certificate's SHA-1 in hex"}
    );
}

void add_upstream_tls_defaults(std::vector<default_value>& out) {
    const upstream_tls wish;
    out.push_back(
        {"routes[].tracks.NAME.tls.verify", flag(wish.verify),
         "Verify that the endpoints' certificates are for their names and that `ca` vouches for them"}
    );
    out.push_back(
        {"routes[].tracks.NAME.tls.sni", flag(wish.sni), "Tell the endpoint's name in the handshake"}
    );
}

void add_https_defaults(std::vector<default_value>& out) {
    const https wish;
    const https::strict_transport hsts;
    out.push_back(
        {"routes[].https.redirect", flag(wish.redirect != 0),
         "Send plain requests to https: `true` for 308, or one of 301, 302, 303, 307 and 308"}
    );
    out.push_back({"routes[].https.port", std::to_string(wish.port), "Port that plain requests are sent to"});
    out.push_back(
        {"routes[].https.hsts.max_age", std::to_string(hsts.max_age.count()),
         "Seconds for which a browser is to use only https"}
    );
    out.push_back(
        {"routes[].https.hsts.include_subdomains", flag(hsts.include_subdomains), "The host's subdomains too"}
    );
    out.push_back(
        {"routes[].https.hsts.preload", flag(hsts.preload),
         "Agree to be in the lists that browsers come with"}
    );
}

} // namespace adit::model
