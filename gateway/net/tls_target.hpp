// How an upstream is spoken to over TLS: whom to expect, whom to trust, what to show.
#pragma once

#include "net/openssl.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace adit::net {

// Authorities that servers are verified against. Immutable, shared.
class tls_trust {
public:
    // The machine's own (/etc/ssl/certs): read once a process, as long as somebody holds them.
    static std::shared_ptr<const tls_trust> system();
    // nullptr with `why` where there is no certificate in the PEM text.
    static std::shared_ptr<const tls_trust> read(std::string_view pem, std::string& why);

    X509_STORE* store() const noexcept { return store_.get(); }

private:
    openssl_ptr<X509_STORE> store_{X509_STORE_new()};
};

struct tls_target_settings {
    bool verify = true;
    bool sni = true;
    std::string name;                       // DNS name or IP address that the certificate has to be for
    std::shared_ptr<const tls_trust> trust; // not null where verify is set
    std::string trust_text;                 // what tells it from another
    std::string chain, key;                 // PEM, ours; both or none
};

// Immutable; any thread.
class tls_target {
public:
    // nullptr with `why`: a certificate or key that cannot be read, or that do not belong together.
    static std::shared_ptr<const tls_target> make(tls_target_settings settings, std::string& why);

    // A connection's, in the client's role; null when memory is out.
    openssl_ptr<SSL> connection() const;
    // Equal for targets of equal settings: connections are shared among those, and with nobody else.
    const std::string& identity() const noexcept { return identity_; }

private:
    explicit tls_target(tls_target_settings settings) : settings_(std::move(settings)) {}
    bool prepare(std::string& why);
    bool show_certificate(std::string& why);

    tls_target_settings settings_;
    bool is_address_ = false;
    openssl_ptr<SSL_CTX> context_;
    std::string identity_;
};

} // namespace adit::net
