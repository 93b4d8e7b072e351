// What some hosts ask of their clients' certificates, and what became known of one client.
#pragma once

#include "core/complaint.hpp"
#include "net/openssl.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace adit::net {

// Immutable once made; shared by every worker.
struct tls_client_rule {
    enum class demand : std::uint8_t {
        required,   // a certificate that our authorities vouch for
        optional,   // none, or such a one
        unverified, // any or none: the upstream judges
    };
    // Names of the request fields that tell the upstream; an empty name tells nothing.
    struct fields {
        std::string verify, subject, issuer, fingerprint, certificate;
        bool operator==(const fields&) const = default;
    };

    demand verify = demand::required;
    int depth = 1; // certificates between the client's and an authority's
    fields tell;
    openssl_ptr<X509_STORE> trust;
    openssl_ptr<STACK_OF(X509_NAME)> authorities; // what clients are told to choose by
    std::array<unsigned char, 32> identity{};     // equal for rules that ask for the same

    // From PEM certificates. nullptr with an error in `out`; `place` is what complaints name.
    static std::shared_ptr<tls_client_rule> read(
        std::string_view authorities_pem, demand verify, int depth, fields tell, const std::string& place,
        const complaint& about, complaints& out
    );
};

// Of one connection, as texts that may stand in a field.
struct tls_client_identity {
    std::string verify;          // "SUCCESS", "NONE" or "FAILED:reason", as nginx has it
    std::string subject, issuer; // RFC 2253
    std::string fingerprint;     // SHA-1 of the certificate in hex, as nginx has it
    std::string certificate;     // PEM, percent-encoded
    bool given = false, good = false;

    static std::unique_ptr<tls_client_identity> of(SSL* connection, const tls_client_rule& rule);
};

} // namespace adit::net
