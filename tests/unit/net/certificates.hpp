// Certificates made up by a test.
#pragma once

#include "net/openssl.hpp"
#include "net/tls_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <utility>

namespace adit::tests {

struct made_certificate {
    net::openssl_ptr<X509> certificate;
    net::openssl_ptr<EVP_PKEY> key;

    std::string pem() const {
        const net::openssl_ptr<BIO> out(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(out.get(), certificate.get());
        return text(out.get());
    }
    std::string key_pem() const {
        const net::openssl_ptr<BIO> out(BIO_new(BIO_s_mem()));
        PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        return text(out.get());
    }
    std::string locked_key_pem() const {
        const net::openssl_ptr<BIO> out(BIO_new(BIO_s_mem()));
        const unsigned char phrase[] = "secret";
        PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), phrase, 6, nullptr, nullptr);
        return text(out.get());
    }

private:
    static std::string text(BIO* from) {
        char* data = nullptr;
        const auto size = BIO_get_mem_data(from, &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

struct certificate_plan {
    std::string common_name = "test";
    std::string names{}; // "DNS:shop.test,DNS:*.shop.test"; empty = no SAN
    int from_days = -1, until_days = 30;
    bool authority = false;
};

// Signed by `issuer`, or by itself.
inline made_certificate
make_certificate(const certificate_plan& plan, const made_certificate* issuer = nullptr) {
    static long serial = 1;
    made_certificate out;
    out.key.reset(EVP_EC_gen("P-256"));
    out.certificate.reset(X509_new());
    auto* one = out.certificate.get();
    X509_set_version(one, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(one), ++serial);
    auto now = std::time(nullptr);
    X509_time_adj_ex(X509_getm_notBefore(one), plan.from_days, 0, &now);
    X509_time_adj_ex(X509_getm_notAfter(one), plan.until_days, 0, &now);
    auto* subject = X509_get_subject_name(one);
    X509_NAME_add_entry_by_txt(
        subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(plan.common_name.c_str()), -1,
        -1, 0
    );
    X509_set_issuer_name(one, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
    X509_set_pubkey(one, out.key.get());
    const auto extend = [&](int what, const std::string& value) {
        auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
        X509_add_ext(one, extension, -1);
        X509_EXTENSION_free(extension);
    };
    if (plan.authority) extend(NID_basic_constraints, "critical,CA:TRUE");
    if (!plan.names.empty()) extend(NID_subject_alt_name, plan.names);
    EXPECT_GT(X509_sign(one, issuer ? issuer->key.get() : out.key.get(), EVP_sha256()), 0);
    return out;
}

inline net::tls_material to_material(const made_certificate& from, std::string name = "made") {
    net::tls_material out;
    out.name = name;
    out.chain = from.pem();
    out.key = from.key_pem();
    out.chain_place = name + ".crt";
    out.key_place = name + ".key";
    out.ocsp_place = name + ".ocsp";
    out.complaint = "tls.certificates[0]";
    return out;
}

inline std::shared_ptr<const net::tls_certificate> read_certificate(const made_certificate& from) {
    complaints found;
    auto out = net::tls_certificate::read(to_material(from), std::chrono::system_clock::now(), found);
    EXPECT_TRUE(out) << (found.empty() ? "" : to_text(found.front()));
    return out;
}

} // namespace adit::tests
