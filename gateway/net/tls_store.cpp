#include "net/tls_store.hpp"

#include "core/bytes.hpp"
#include "net/tls_session.hpp"

#include <algorithm>

namespace adit::net {

namespace {

// AES-128 first: it is the cheapest with the instructions that every server has, and strong enough for all.
constexpr const char* suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

constexpr std::size_t longest_name = 255; // bytes of a host name (RFC 1035 §2.3.4)

int accept_any(int, X509_STORE_CTX*) {
    return 1; // a bad certificate is answered in HTTP, where a person can read it
}

// RFC 7301: HTTP/1.1 or nothing; who offers only other protocols is told so by an alert.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered, unsigned offered_size, void*) {
    for (const std::string_view wanted : {"http/1.1", "http/1.0"}) {
        for (unsigned at = 0; at < offered_size; at += 1U + offered[at]) {
            const std::string_view one{reinterpret_cast<const char*>(offered + at + 1), offered[at]};
            if (one != wanted) continue;
            *chosen = offered + at + 1;
            *size = offered[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// The host name of the server_name extension (RFC 6066 §3); empty where there is none.
std::string_view offered_name(SSL* connection) {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(connection, TLSEXT_TYPE_server_name, &data, &size) != 1 || size < 5)
        return {};
    // length of the list, type of its first name (0: host name), length of that
    const auto name_size = static_cast<std::size_t>(data[3] << 8 | data[4]);
    if (data[2] != TLSEXT_NAMETYPE_host_name || name_size > size - 5 || name_size > longest_name) return {};
    return {reinterpret_cast<const char*>(data + 5), name_size};
}

bool use(SSL* connection, const tls_certificate& one) {
    return SSL_use_cert_and_key(connection, one.leaf.get(), one.key.get(), one.issuers.get(), 1) == 1;
}

int acknowledge_name(SSL*, int*, void*) {
    return SSL_TLSEXT_ERR_OK;
}

} // namespace

std::shared_ptr<const tls_store> tls_store::make(tls_store_settings settings, std::string& why) {
    std::shared_ptr<tls_store> out(new tls_store(std::move(settings)));
    if (!out->prepare(why)) return nullptr;
    out->name_certificates();
    for (const auto& one : out->settings_.rules)
        for (const auto& host : one.hosts) out->rules_.add(host, one.rule);
    return out;
}

bool tls_store::prepare(std::string& why) {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_server_method()));
    auto* context = context_.get();
    const auto failed = [&](const char* what) {
        why = std::string(what) + ": " + take_openssl_error();
        return false;
    };
    if (!context) return failed("TLS cannot start");
    SSL_CTX_set_min_proto_version(context, settings_.min_version);
    SSL_CTX_set_max_proto_version(context, settings_.max_version);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    );
    // An idle connection keeps no record buffers; a busy one reads as much as there is with one call.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    // Sessions are kept by clients, in tickets. One is enough: each costs a tenth of a resumed handshake.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_app_data(context, this);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &tls_store::on_ticket);
    SSL_CTX_set_client_hello_cb(context, &tls_store::on_hello, this);
    SSL_CTX_set_tlsext_servername_callback(context, &acknowledge_name);
    SSL_CTX_set_tlsext_status_cb(context, &tls_store::on_status);
    SSL_CTX_set_tlsext_status_arg(context, this);
    SSL_CTX_set_alpn_select_cb(context, &choose_protocol, nullptr);
    if (SSL_CTX_set_ciphersuites(context, suites) != 1) return failed("TLS 1.3 has no ciphers");
    if (SSL_CTX_set_cipher_list(context, settings_.ciphers.empty() ? ciphers : settings_.ciphers.c_str()) !=
        1)
        return failed("none of the ciphers is known");
    // Each connection gets the one certificate that its name asks for; here they are only tried: what is
    // wrong with one is to be known before a client asks for it.
    for (const auto& one : settings_.certificates) {
        const openssl_ptr<SSL> trial(SSL_new(context));
        if (!trial || !use(trial.get(), *one))
            return failed(("the certificate " + one->name + " cannot be used").c_str());
    }
    return true;
}

// The first certificate that names a host serves it, unless that has expired and another has not.
void tls_store::name_certificates() {
    const auto now = std::chrono::system_clock::now();
    for (const auto& one : settings_.certificates)
        for (const auto& host : one->hosts) {
            if (names_.add(host, one.get())) continue;
            auto*& taken = *names_.find_written(host);
            if (taken->not_after < now && one->not_after > now) taken = one.get();
        }
}

const tls_certificate& tls_store::certificate_of(std::string_view host) const noexcept {
    const auto* found = host.empty() ? nullptr : names_.find(host);
    return found ? **found : *settings_.certificates.front();
}

// Before anything else of the hello is acted upon, the session that it wants to resume above all.
int tls_store::on_hello(SSL* connection, int* alert, void* store) {
    auto* session = static_cast<tls_session*>(SSL_get_app_data(connection));
    if (static_cast<const tls_store*>(store)->choose(connection, *session)) return SSL_CLIENT_HELLO_SUCCESS;
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
}

int tls_store::choose(SSL* connection, tls_session& session) const {
    auto offered = offered_name(connection);
    if (offered.ends_with('.')) offered.remove_suffix(1);
    const auto host = to_lower(offered);
    const auto& certificate = certificate_of(host);
    if (!use(connection, certificate)) return 0;
    const auto* found = rules_.empty() ? nullptr : rules_.find(host);
    if (found) {
        const auto& rule = **found;
        SSL_set_verify(connection, SSL_VERIFY_PEER, &accept_any);
        SSL_set_verify_depth(connection, rule.depth);
        SSL_set1_verify_cert_store(connection, rule.trust.get());
        SSL_set_client_CA_list(connection, SSL_dup_CA_list(rule.authorities.get()));
    }
    // Sessions are resumed for the name and under the rule that they were begun with, and for no other.
    unsigned char bound[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    std::string about = host;
    if (found) about.append(1, '\0').append((*found)->identity.begin(), (*found)->identity.end());
    if (EVP_Digest(about.data(), about.size(), bound, &size, EVP_sha256(), nullptr) != 1) return 0;
    SSL_set_session_id_context(connection, bound, SSL_MAX_SID_CTX_LENGTH);
    session.client_said(host, certificate, found ? *found : nullptr);
    return 1;
}

int tls_store::on_status(SSL* connection, void*) {
    const auto* session = static_cast<tls_session*>(SSL_get_app_data(connection));
    const auto* certificate = session->certificate();
    if (!certificate || certificate->ocsp.empty()) return SSL_TLSEXT_ERR_NOACK;
    const auto size = certificate->ocsp.size();
    auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(certificate->ocsp.data(), size));
    if (!copy) return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(connection, copy, static_cast<long>(size));
    return SSL_TLSEXT_ERR_OK;
}

int tls_store::on_ticket(
    SSL* connection, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
    int sealing
) {
    const auto* store = static_cast<const tls_store*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
    const auto& tickets = *store->settings_.tickets;
    if (sealing) return tickets.seal(name, iv, cipher, mac);
    const int opened = tickets.open(name, iv, cipher, mac);
    // Clients use a ticket of TLS 1.3 only once (RFC 8446 §C.4): who resumes gets the next.
    return opened == 1 && SSL_version(connection) >= TLS1_3_VERSION ? 2 : opened;
}

} // namespace adit::net
