#include "net/tls_target.hpp"

#include "core/ip.hpp"
#include "net/tls_session.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <mutex>

namespace adit::net {

std::shared_ptr<const tls_trust> tls_trust::system() {
    static std::mutex mutex;
    static std::weak_ptr<const tls_trust> known;
    const std::lock_guard lock(mutex);
    auto out = known.lock();
    if (out) return out;
    auto made = std::make_shared<tls_trust>();
    X509_STORE_set_default_paths(made->store_.get());
    ERR_clear_error();
    known = made;
    return made;
}

std::shared_ptr<const tls_trust> tls_trust::read(std::string_view pem, std::string& why) {
    auto made = std::make_shared<tls_trust>();
    const openssl_ptr<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    int count = 0;
    ERR_clear_error();
    while (const openssl_ptr<X509> one{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)})
        count += X509_STORE_add_cert(made->store_.get(), one.get());
    const auto last = ERR_peek_last_error();
    const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    why = take_openssl_error();
    if (count > 0 && at_end) return made;
    why = "no certificate of an authority can be read: " + why;
    return nullptr;
}

std::shared_ptr<const tls_target> tls_target::make(tls_target_settings settings, std::string& why) {
    std::shared_ptr<tls_target> out(new tls_target(std::move(settings)));
    return out->prepare(why) ? out : nullptr;
}

bool tls_target::show_certificate(std::string& why) {
    if (settings_.chain.empty()) return true;
    const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
    const openssl_ptr<BIO> chain(
        BIO_new_mem_buf(settings_.chain.data(), static_cast<int>(settings_.chain.size()))
    );
    const openssl_ptr<X509> leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, no_pass_phrase, nullptr));
    if (!leaf) return why = "no certificate can be read: " + take_openssl_error(), false;
    const openssl_ptr<STACK_OF(X509)> issuers(sk_X509_new_null());
    while (auto* one = PEM_read_bio_X509(chain.get(), nullptr, no_pass_phrase, nullptr))
        sk_X509_push(issuers.get(), one);
    ERR_clear_error();
    const openssl_ptr<BIO> text(BIO_new_mem_buf(settings_.key.data(), static_cast<int>(settings_.key.size()))
    );
    const openssl_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_pass_phrase, nullptr));
    if (!key) return why = "no private key can be read: " + take_openssl_error(), false;
    if (X509_check_private_key(leaf.get(), key.get()) != 1)
        return ERR_clear_error(), why = "the key does not belong to the certificate", false;
    if (SSL_CTX_use_cert_and_key(context_.get(), leaf.get(), key.get(), issuers.get(), 1) == 1) return true;
    return why = "the certificate cannot be used: " + take_openssl_error(), false;
}

bool tls_target::prepare(std::string& why) {
    ERR_clear_error();
    context_.reset(SSL_CTX_new(TLS_client_method()));
    auto* context = context_.get();
    if (!context) return why = "TLS cannot start: " + take_openssl_error(), false;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &tls_session::keep);
    constexpr std::array<unsigned char, 9> protocols{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, protocols.data(), protocols.size());
    if (settings_.verify) {
        SSL_CTX_set1_verify_cert_store(context, settings_.trust->store());
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    }
    if (!show_certificate(why)) return false;
    is_address_ = parse_ip(settings_.name).has_value();
    std::string text = settings_.verify ? "verify " : "trust ";
    text += settings_.sni ? "tell " : "hide ";
    for (const auto* one : {&settings_.name, &settings_.trust_text, &settings_.chain, &settings_.key})
        text += std::to_string(one->size()) + ':' + *one;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
    identity_.assign(reinterpret_cast<const char*>(digest), size);
    return true;
}

openssl_ptr<SSL> tls_target::connection() const {
    openssl_ptr<SSL> out(SSL_new(context_.get()));
    if (!out) return out;
    // RFC 6066 §3: an address is no name to tell.
    if (settings_.sni && !is_address_) SSL_set_tlsext_host_name(out.get(), settings_.name.c_str());
    if (!settings_.verify) return out;
    SSL_set_hostflags(out.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    auto* asked = SSL_get0_param(out.get());
    const bool good = is_address_ ? X509_VERIFY_PARAM_set1_ip_asc(asked, settings_.name.c_str()) == 1
                                  : SSL_set1_host(out.get(), settings_.name.c_str()) == 1;
    if (!good) out.reset(); // rather no connection than one to anybody
    return out;
}

} // namespace adit::net
