// What an operator asks for of TLS: towards clients, and towards the endpoints of a track.
#pragma once

#include "core/complaint.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::model {

// Bytes that lie in a file, or are here already because they came from elsewhere (a Secret).
struct document {
    std::string file;
    std::string text; // rules when not empty

    bool empty() const { return file.empty() && text.empty(); }
    bool operator==(const document&) const = default;
};

struct certificate {
    std::string name; // in metrics; empty = the file of the chain
    document chain;   // PEM: the certificate, then its issuers
    document key;     // PEM
    document ocsp;    // DER; may be empty
    place at;

    bool operator==(const certificate& o) const {
        return name == o.name && chain == o.chain && key == o.key && ocsp == o.ocsp;
    }
};

// Certificates that clients of some hosts have to show.
struct client_certificates {
    enum class demand : std::uint8_t {
        required,   // one that `ca` vouches for
        optional,   // none, or such a one
        unverified, // whatever there is; the upstream judges
    };

    std::vector<std::string> hosts; // "shop.test", "*.shop.test"
    document ca;                    // PEM
    demand verify = demand::required;
    std::uint32_t depth = 1;
    // Names of the request fields that tell the upstream; empty = not told. Those of ingress-nginx.
    std::string verify_field = "ssl-client-verify";
    std::string subject_field = "ssl-client-subject-dn";
    std::string issuer_field = "ssl-client-issuer-dn";
    std::string fingerprint_field = "ssl-client-fingerprint";
    std::string certificate_field; // percent-encoded PEM
    place at;

    bool operator==(const client_certificates& o) const {
        return hosts == o.hosts && ca == o.ca && verify == o.verify && depth == o.depth &&
               verify_field == o.verify_field && subject_field == o.subject_field &&
               issuer_field == o.issuer_field && fingerprint_field == o.fingerprint_field &&
               certificate_field == o.certificate_field;
    }
};

enum class tls_version : std::uint8_t { tls12, tls13 };

constexpr std::string_view to_text(tls_version one) {
    return one == tls_version::tls12 ? "1.2" : "1.3";
}

struct tls {
    std::vector<certificate> certificates; // the first is for names that none of them has
    bool made_up_first = false;            // but for one that is made up, for these names
    tls_version min_version = tls_version::tls12;
    tls_version max_version = tls_version::tls13;
    std::string ciphers; // OpenSSL's list for TLS 1.2; empty = Adit's
    std::vector<client_certificates> clients;

    bool operator==(const tls&) const = default;
};

// How the endpoints of a track are spoken to.
struct upstream_tls {
    bool verify = true;      // their certificates, against `ca` and their name
    bool sni = true;         // tell the name in the handshake
    std::string server_name; // empty = as the endpoint is written
    document ca;             // PEM; empty = the system's
    document chain, key;     // ours, if they ask for one; both or none

    bool operator==(const upstream_tls&) const = default;
};

struct strict_transport { // RFC 6797
    std::chrono::seconds max_age{31'536'000};
    bool include_subdomains = false;
    bool preload = false;

    bool operator==(const strict_transport&) const = default;
};

// What a route makes of the scheme of its requests.
struct https {
    using strict_transport = model::strict_transport;

    std::uint16_t redirect = 0; // status of the answer to plain requests; 0 = they are served
    std::uint16_t port = 443;   // of the redirect's target
    std::optional<strict_transport> hsts;

    bool operator==(const https&) const = default;
};

} // namespace adit::model
