// A certificate with its key, as OpenSSL holds it: read from PEM, checked, and asked for what it says of
// itself.
#pragma once

#include "core/complaint.hpp"
#include "net/openssl.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace adit::net {

// Where a certificate comes from: texts, whoever read them, and what complaints call them.
struct tls_material {
    std::string name;        // in metrics and complaints: the file, or "namespace/secret"
    std::string chain;       // PEM: the certificate, then its issuers
    std::string key;         // PEM, not encrypted
    std::string ocsp;        // DER of an OCSP response to staple; empty = none
    std::string chain_place; // what a complaint about each of them names: a path, mostly
    std::string key_place;
    std::string ocsp_place;
    place at;              // of the wish for it
    std::string complaint; // key of the wish: "tls.certificates[0]"
};

struct tls_certificate {
    using time = std::chrono::system_clock::time_point;

    std::string name;
    openssl_ptr<X509> leaf;
    openssl_ptr<STACK_OF(X509)> issuers; // perhaps empty, never null
    openssl_ptr<EVP_PKEY> key;
    std::vector<std::string> hosts; // lower case, "*.shop.test" for one more label; may be empty
    time not_before, not_after;
    std::string ocsp;

    // nullptr with at least one error in `out`; what is merely odd (expired, not valid yet, nobody's name) is
    // a warning. A key that does not belong to the certificate is an error.
    static std::shared_ptr<const tls_certificate> read(const tls_material& from, time now, complaints& out);

    // For a listener that has no other: made here and now, for nobody's name, valid for a year.
    static std::shared_ptr<const tls_certificate> self_signed(time now);
};

tls_certificate::time to_time(const ASN1_TIME* from) noexcept;

// "2026-01-31 09:05 UTC"
std::string to_text(tls_certificate::time when);

} // namespace adit::net
