// Everything that a server's side of TLS is made of: certificates by host name, rules for clients'
// certificates, versions, ciphers. Made whole, then only read; a new one takes its place for new connections.
#pragma once

#include "net/tls_certificate.hpp"
#include "net/tls_client_rule.hpp"
#include "net/tls_names.hpp"
#include "net/tls_tickets.hpp"

#include <memory>
#include <string>
#include <vector>

namespace adit::net {

class tls_session;

struct tls_store_settings {
    std::vector<std::shared_ptr<const tls_certificate>>
        certificates; // the first serves unknown names; not empty
    struct clients {
        std::vector<std::string> hosts; // as in certificates
        std::shared_ptr<const tls_client_rule> rule;
    };
    std::vector<clients> rules;
    std::shared_ptr<const tls_tickets> tickets;
    int min_version = TLS1_2_VERSION, max_version = TLS1_3_VERSION;
    std::string ciphers; // OpenSSL's names, for TLS 1.2; empty = those with forward secrecy and AEAD
};

// Shared by all workers.
class tls_store {
public:
    // nullptr with what is wrong in `why`: ciphers that nobody knows, a key that OpenSSL finds too weak.
    static std::shared_ptr<const tls_store> make(tls_store_settings settings, std::string& why);

    // A connection's, in the server's role.
    openssl_ptr<SSL> connection() const { return openssl_ptr<SSL>(SSL_new(context_.get())); }

    const std::vector<std::shared_ptr<const tls_certificate>>& certificates() const noexcept {
        return settings_.certificates;
    }
    const tls_certificate& certificate_of(std::string_view host) const noexcept;
    // What a host asks of its clients; null = nothing. `host` is in lower case, without port and last dot.
    const tls_client_rule* rule_of(std::string_view host) const noexcept {
        if (rules_.empty()) return nullptr;
        const auto* found = rules_.find(host);
        return found ? found->get() : nullptr;
    }
    bool has_rules() const noexcept { return !rules_.empty(); }

private:
    explicit tls_store(tls_store_settings settings) : settings_(std::move(settings)) {}

    bool prepare(std::string& why);
    void name_certificates();
    int choose(SSL* connection, tls_session& session) const;
    static int on_hello(SSL* connection, int* alert, void* store);
    static int on_status(SSL* connection, void* store);
    static int on_ticket(
        SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
        int sealing
    );

    tls_store_settings settings_;
    openssl_ptr<SSL_CTX> context_;
    tls_names<const tls_certificate*> names_;
    tls_names<std::shared_ptr<const tls_client_rule>> rules_;
};

} // namespace adit::net
