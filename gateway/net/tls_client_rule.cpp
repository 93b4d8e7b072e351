#include "net/tls_client_rule.hpp"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

namespace adit::net {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

std::string text_of(BIO* from) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(from, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string name_text(const X509_NAME* name) {
    const openssl_ptr<BIO> out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
    return text_of(out.get());
}

std::string fingerprint_of(const X509* one) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    std::string out;
    if (X509_digest(one, EVP_sha1(), digest, &size) != 1) return out;
    for (unsigned i = 0; i < size; ++i) {
        out += hex_digits[digest[i] >> 4];
        out += hex_digits[digest[i] & 15];
    }
    return out;
}

std::string escaped_pem(X509* one) {
    const openssl_ptr<BIO> pem(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(pem.get(), one);
    std::string out;
    for (const char c : text_of(pem.get())) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        out += '%';
        out += "0123456789ABCDEF"[static_cast<unsigned char>(c) >> 4];
        out += "0123456789ABCDEF"[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

void digest_rule(tls_client_rule& rule, std::string_view authorities_pem) {
    std::string text = std::to_string(static_cast<int>(rule.verify)) + ' ' + std::to_string(rule.depth);
    for (const auto* one :
         {&rule.tell.verify, &rule.tell.subject, &rule.tell.issuer, &rule.tell.fingerprint,
          &rule.tell.certificate})
        text += '\n' + *one;
    (text += '\n').append(authorities_pem);
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), rule.identity.data(), &size, EVP_sha256(), nullptr);
}

} // namespace

std::shared_ptr<tls_client_rule> tls_client_rule::read(
    std::string_view authorities_pem, demand verify, int depth, fields tell, const std::string& place,
    const complaint& about, complaints& out
) {
    auto rule = std::make_shared<tls_client_rule>();
    rule->verify = verify;
    rule->depth = depth;
    rule->tell = std::move(tell);
    rule->trust.reset(X509_STORE_new());
    rule->authorities.reset(sk_X509_NAME_new_null());
    ERR_clear_error();
    const openssl_ptr<BIO> text(
        BIO_new_mem_buf(authorities_pem.data(), static_cast<int>(authorities_pem.size()))
    );
    int count = 0;
    while (const openssl_ptr<X509> one{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)}) {
        X509_STORE_add_cert(rule->trust.get(), one.get());
        sk_X509_NAME_push(rule->authorities.get(), X509_NAME_dup(X509_get_subject_name(one.get())));
        ++count;
    }
    const auto last = ERR_peek_last_error();
    const bool at_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    const auto why = take_openssl_error();
    const bool needed = verify != demand::unverified || !authorities_pem.empty();
    if (needed && (count == 0 || !at_end)) {
        auto wrong = about;
        wrong.level = complaint::severity::error;
        wrong.message = place + ": " +
                        (count == 0 ? "no certificate of an authority can be read: "
                                    : "a certificate of an authority cannot be read: ") +
                        why;
        wrong.hint = "PEM: one or more certificates";
        out.push_back(std::move(wrong));
        return nullptr;
    }
    digest_rule(*rule, authorities_pem);
    return rule;
}

std::unique_ptr<tls_client_identity> tls_client_identity::of(SSL* connection, const tls_client_rule& rule) {
    auto out = std::make_unique<tls_client_identity>();
    auto* one = SSL_get0_peer_certificate(connection);
    if (!one) {
        out->verify = "NONE";
        return out;
    }
    out->given = true;
    auto verdict = SSL_get_verify_result(connection);
    // A session that is resumed was verified when it began; time has passed since.
    if (verdict == X509_V_OK && X509_cmp_current_time(X509_get0_notAfter(one)) < 0)
        verdict = X509_V_ERR_CERT_HAS_EXPIRED;
    out->good = verdict == X509_V_OK || rule.verify == tls_client_rule::demand::unverified;
    out->verify =
        verdict == X509_V_OK ? "SUCCESS" : std::string("FAILED:") + X509_verify_cert_error_string(verdict);
    if (!rule.tell.subject.empty()) out->subject = name_text(X509_get_subject_name(one));
    if (!rule.tell.issuer.empty()) out->issuer = name_text(X509_get_issuer_name(one));
    if (!rule.tell.fingerprint.empty()) out->fingerprint = fingerprint_of(one);
    if (!rule.tell.certificate.empty()) out->certificate = escaped_pem(one);
    return out;
}

} // namespace adit::net
