#include "net/tls_certificate.hpp"

#include "core/bytes.hpp"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace adit::net {

namespace {

using time_point = tls_certificate::time;

openssl_ptr<BIO> memory(std::string_view text) {
    return openssl_ptr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// What is found to be wrong with one certificate.
class findings_of {
public:
    findings_of(const tls_material& from, complaints& out) : from_(from), out_(out) {}

    void error(const std::string& place, std::string message, std::string hint = {}) {
        add(complaint::severity::error, place, std::move(message), std::move(hint));
    }
    void warn(const std::string& place, std::string message, std::string hint = {}) {
        add(complaint::severity::warning, place, std::move(message), std::move(hint));
    }

private:
    void add(complaint::severity level, const std::string& place, std::string message, std::string hint) {
        if (!place.empty()) message = place + ": " + message;
        out_.push_back({level, from_.at, from_.complaint, std::move(message), std::move(hint)});
    }

    const tls_material& from_;
    complaints& out_;
};

// Without a terminal to ask at, a key with a pass phrase cannot be read.
int no_pass_phrase(char*, int, int, void*) {
    return -1;
}

bool read_chain(const tls_material& from, tls_certificate& into, findings_of& found) {
    ERR_clear_error();
    const auto text = memory(from.chain);
    into.leaf.reset(PEM_read_bio_X509_AUX(text.get(), nullptr, no_pass_phrase, nullptr));
    if (!into.leaf) {
        const auto why = take_openssl_error();
        found.error(
            from.chain_place, "no certificate can be read: " + why,
            "PEM: -----BEGIN CERTIFICATE-----, the server's certificate first, then its issuers"
        );
        return false;
    }
    into.issuers.reset(sk_X509_new_null());
    while (auto* issuer = PEM_read_bio_X509(text.get(), nullptr, no_pass_phrase, nullptr))
        sk_X509_push(into.issuers.get(), issuer);
    const auto last = ERR_peek_last_error();
    if (ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE) {
        ERR_clear_error(); // the end
        return true;
    }
    found.error(
        from.chain_place, "certificate " + std::to_string(sk_X509_num(into.issuers.get()) + 2) +
                              " of the chain cannot be read: " + take_openssl_error()
    );
    return false;
}

bool read_key(const tls_material& from, tls_certificate& into, findings_of& found) {
    ERR_clear_error();
    const auto text = memory(from.key);
    into.key.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, no_pass_phrase, nullptr));
    if (!into.key) {
        const bool locked = from.key.find("ENCRYPTED") != std::string::npos;
        found.error(
            from.key_place,
            locked ? "the key is encrypted" : "no private key can be read: " + take_openssl_error(),
            locked ? "take the pass phrase off, e.g. with openssl pkey" : "PEM: -----BEGIN PRIVATE KEY-----"
        );
        ERR_clear_error();
        return false;
    }
    if (X509_check_private_key(into.leaf.get(), into.key.get()) == 1) return true;
    ERR_clear_error();
    found.error(
        from.key_place, "the key does not belong to the certificate",
        "the certificate in " + from.chain_place + " was made for another key"
    );
    return false;
}

std::string text_of(const ASN1_STRING* from) {
    return {
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(from)),
        static_cast<std::size_t>(ASN1_STRING_length(from))};
}

// RFC 6125 §6.4.4: the common name counts only where there are no DNS names beside it.
std::vector<std::string> names_of(X509* from) {
    std::vector<std::string> out;
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(from, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        const auto* one = sk_GENERAL_NAME_value(names, i);
        if (one->type == GEN_DNS) out.push_back(to_lower(text_of(one->d.dNSName)));
    }
    const bool none = names == nullptr;
    GENERAL_NAMES_free(names);
    auto* subject = X509_get_subject_name(from);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (none && at >= 0)
        out.push_back(to_lower(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)))));
    // A name with a NUL inside is an attempt to look like another.
    std::erase_if(out, [](const std::string& name) {
        return name.empty() || name.find('\0') != std::string::npos;
    });
    return out;
}

void check_time(const tls_material& from, const tls_certificate& one, time_point now, findings_of& found) {
    if (one.not_after < now)
        found.warn(
            from.chain_place, "the certificate expired at " + to_text(one.not_after), "clients will refuse it"
        );
    else if (one.not_before > now)
        found.warn(from.chain_place, "the certificate is not valid before " + to_text(one.not_before));
}

bool read_ocsp(const tls_material& from, tls_certificate& into, time_point now, findings_of& found) {
    if (from.ocsp.empty()) return true;
    const auto* at = reinterpret_cast<const unsigned char*>(from.ocsp.data());
    auto* response = d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(from.ocsp.size()));
    ERR_clear_error();
    if (!response) {
        found.error(from.ocsp_place, "not an OCSP response", "DER, as openssl ocsp -respout writes it");
        return false;
    }
    const bool good = OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
    bool outdated = false;
    if (auto* basic = good ? OCSP_response_get1_basic(response) : nullptr) {
        for (int i = 0; i < OCSP_resp_count(basic); ++i) {
            ASN1_GENERALIZEDTIME* next = nullptr;
            OCSP_single_get0_status(OCSP_resp_get0(basic, i), nullptr, nullptr, nullptr, &next);
            outdated |= next != nullptr && to_time(next) < now;
        }
        OCSP_BASICRESP_free(basic);
    }
    OCSP_RESPONSE_free(response);
    if (!good) {
        found.error(from.ocsp_place, "the OCSP response says that the responder had no answer");
        return false;
    }
    if (outdated) found.warn(from.ocsp_place, "the OCSP response is outdated", "it is not stapled");
    if (!outdated) into.ocsp = from.ocsp;
    return true;
}

void add_extension(X509* to, int what, const char* value) {
    auto* one = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
    X509_add_ext(to, one, -1);
    X509_EXTENSION_free(one);
}

} // namespace

std::shared_ptr<const tls_certificate>
tls_certificate::read(const tls_material& from, time now, complaints& out) {
    findings_of found(from, out);
    auto one = std::make_shared<tls_certificate>();
    one->name = from.name;
    if (!read_chain(from, *one, found) || !read_key(from, *one, found)) return nullptr;
    one->hosts = names_of(one->leaf.get());
    one->not_before = to_time(X509_get0_notBefore(one->leaf.get()));
    one->not_after = to_time(X509_get0_notAfter(one->leaf.get()));
    check_time(from, *one, now, found);
    if (one->hosts.empty())
        found.warn(from.chain_place, "the certificate names no host", "it is only used where no other fits");
    return read_ocsp(from, *one, now, found) ? one : nullptr;
}

std::shared_ptr<const tls_certificate> tls_certificate::self_signed(time now) {
    auto one = std::make_shared<tls_certificate>();
    one->name = "self-signed";
    one->key.reset(EVP_EC_gen("P-256"));
    one->leaf.reset(X509_new());
    one->issuers.reset(sk_X509_new_null());
    auto* leaf = one->leaf.get();
    X509_set_version(leaf, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(
        X509_get_serialNumber(leaf),
        static_cast<std::uint64_t>(std::chrono::nanoseconds(now.time_since_epoch()).count())
    );
    auto seconds = std::chrono::system_clock::to_time_t(now);
    X509_time_adj_ex(X509_getm_notBefore(leaf), 0, -3600, &seconds);
    X509_time_adj_ex(X509_getm_notAfter(leaf), 365, 0, &seconds);
    auto* subject = X509_get_subject_name(leaf);
    X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Adit self-signed"), -1, -1, 0
    );
    X509_set_issuer_name(leaf, subject);
    X509_set_pubkey(leaf, one->key.get());
    add_extension(leaf, NID_subject_alt_name, "DNS:adit.invalid");
    X509_sign(leaf, one->key.get(), EVP_sha256());
    one->not_before = to_time(X509_get0_notBefore(leaf));
    one->not_after = to_time(X509_get0_notAfter(leaf));
    return one;
}

tls_certificate::time to_time(const ASN1_TIME* from) noexcept {
    std::tm parts{};
    if (ASN1_TIME_to_tm(from, &parts) != 1) return {};
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string to_text(tls_certificate::time when) {
    const auto seconds = std::chrono::system_clock::to_time_t(when);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts)};
}

} // namespace adit::net
