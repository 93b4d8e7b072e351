#include "net/tls_target.hpp"

#include "unit/net/certificates.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace adit::net {
namespace {

using tests::make_certificate;

const tests::made_certificate& authority() {
    static const auto made = make_certificate({.common_name = "authority", .authority = true});
    return made;
}

tls_target_settings settings() {
    std::string why;
    tls_target_settings out;
    out.name = "shop.inner.svc";
    out.trust = tls_trust::read(authority().pem(), why);
    out.trust_text = authority().pem();
    EXPECT_TRUE(out.trust) << why;
    return out;
}

// How a handshake between the target and a server with this certificate ends; two memory BIOs, no socket.
std::string shake(const tls_target& target, const tests::made_certificate& shown) {
    const openssl_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), shown.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), shown.key.get());
    const openssl_ptr<SSL> server(SSL_new(context.get()));
    const auto client = target.connection();
    if (!client) return "no connection";
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    auto *there = BIO_new(BIO_s_mem()), *back = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(there, -1);
    BIO_set_mem_eof_return(back, -1);
    BIO_up_ref(there);
    BIO_up_ref(back);
    SSL_set_bio(client.get(), back, there);
    SSL_set_bio(server.get(), there, back);
    for (int i = 0; i < 10; ++i) {
        ERR_clear_error();
        const int result = SSL_do_handshake(client.get());
        if (result != 1 && SSL_get_error(client.get(), result) != SSL_ERROR_WANT_READ)
            return X509_verify_cert_error_string(SSL_get_verify_result(client.get()));
        SSL_do_handshake(server.get());
    }
    ERR_clear_error();
    if (SSL_is_init_finished(client.get()) != 1) return "not done";
    const auto* told = SSL_get_servername(server.get(), TLSEXT_NAMETYPE_host_name);
    return std::string("done ") + (told ? told : "-");
}

TEST(a_target, is_who_its_certificate_says_and_somebody_vouches_for) {
    const auto good = make_certificate({"x", "DNS:shop.inner.svc,IP:10.0.0.1"}, &authority());
    const auto wildcard = make_certificate({"x", "DNS:*.inner.svc"}, &authority());
    const auto other = make_certificate({"x", "DNS:other.svc"}, &authority());
    const auto expired = make_certificate({"x", "DNS:shop.inner.svc", -10, -5}, &authority());
    const auto own = make_certificate({"x", "DNS:shop.inner.svc"});
    std::string why;
    const auto target = tls_target::make(settings(), why);
    ASSERT_TRUE(target) << why;
    EXPECT_EQ(shake(*target, good), "done shop.inner.svc");
    EXPECT_EQ(shake(*target, wildcard), "done shop.inner.svc");
    EXPECT_EQ(shake(*target, other), "hostname mismatch");
    EXPECT_EQ(shake(*target, expired), "certificate has expired");
    EXPECT_NE(shake(*target, own).find("self-signed"), std::string::npos);

    auto address = settings();
    address.name = "10.0.0.1";
    EXPECT_EQ(shake(*tls_target::make(address, why), good), "done -"); // no name to tell
    address.name = "10.0.0.2";
    EXPECT_EQ(shake(*tls_target::make(address, why), good), "IP address mismatch");

    auto careless = settings();
    careless.verify = false;
    careless.sni = false;
    EXPECT_EQ(shake(*tls_target::make(careless, why), own), "done -");
}

TEST(a_target, is_told_from_others_by_what_it_was_made_of) {
    const auto mine = make_certificate({"client", ""}, &authority());
    const std::function<void(tls_target_settings&)> changes[]{
        [](tls_target_settings& s) { s.verify = false; },
        [](tls_target_settings& s) { s.sni = false; },
        [](tls_target_settings& s) { s.name = "other.svc"; },
        [](tls_target_settings& s) { s.trust_text += '\n'; },
        [&](tls_target_settings& s) { s.chain = mine.pem(), s.key = mine.key_pem(); },
    };
    std::string why;
    const auto one = tls_target::make(settings(), why)->identity();
    EXPECT_EQ(tls_target::make(settings(), why)->identity(), one);
    for (const auto& change : changes) {
        auto other = settings();
        change(other);
        const auto made = tls_target::make(other, why);
        ASSERT_TRUE(made) << why;
        EXPECT_NE(made->identity(), one);
    }
}

TEST(a_target, is_not_made_of_what_cannot_be_read) {
    const auto mine = make_certificate({"client", ""});
    const auto other = make_certificate({"other", ""});
    std::string why;
    auto wrong = settings();
    wrong.chain = "nothing";
    EXPECT_FALSE(tls_target::make(wrong, why));
    EXPECT_EQ(why.rfind("no certificate can be read", 0), 0U) << why;
    wrong.chain = mine.pem();
    wrong.key = "nothing";
    EXPECT_FALSE(tls_target::make(wrong, why));
    EXPECT_EQ(why.rfind("no private key can be read", 0), 0U) << why;
    wrong.key = other.key_pem();
    EXPECT_FALSE(tls_target::make(wrong, why));
    EXPECT_EQ(why, "the key does not belong to the certificate");
    EXPECT_FALSE(tls_trust::read("nothing", why));
    EXPECT_EQ(why.rfind("no certificate of an authority can be read", 0), 0U) << why;
}

} // namespace
} // namespace adit::net
