#include "net/tls_certificate.hpp"

#include "net/tls_names.hpp"
#include "unit/net/certificates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace adit::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using tests::make_certificate;
using tests::to_material;

struct outcome {
    std::shared_ptr<const tls_certificate> certificate;
    complaints found;

    std::string errors() const {
        std::string out;
        for (const auto& one : found)
            if (one.level == complaint::severity::error) out += to_text(one) + '\n';
        return out;
    }
    std::string warnings() const {
        std::string out;
        for (const auto& one : found)
            if (one.level == complaint::severity::warning) out += to_text(one) + '\n';
        return out;
    }
};

outcome read(const tls_material& from) {
    outcome out;
    out.certificate = tls_certificate::read(from, std::chrono::system_clock::now(), out.found);
    return out;
}

TEST(a_certificate, has_the_names_of_its_san_and_no_others) {
    const auto got =
        read(to_material(make_certificate({"common.test", "DNS:Shop.test,DNS:*.shop.test,IP:10.0.0.1"})));
    ASSERT_TRUE(got.certificate);
    EXPECT_THAT(got.certificate->hosts, ElementsAre("shop.test", "*.shop.test"));
    EXPECT_TRUE(got.found.empty());
}

TEST(a_certificate, has_its_common_name_where_there_is_no_san) {
    EXPECT_THAT(
        read(to_material(make_certificate({"Common.test"}))).certificate->hosts, ElementsAre("common.test")
    );
}

TEST(a_certificate, tells_when_it_expires) {
    const auto got = read(to_material(make_certificate({"x", "DNS:x.test", -10, 5})));
    const auto left = got.certificate->not_after - std::chrono::system_clock::now();
    EXPECT_NEAR(static_cast<double>(std::chrono::duration_cast<std::chrono::hours>(left).count()), 5 * 24, 2);
}

TEST(a_certificate, may_be_expired_or_early_with_a_warning) {
    const auto late = read(to_material(make_certificate({"x", "DNS:x.test", -10, -5})));
    EXPECT_TRUE(late.certificate);
    EXPECT_THAT(late.warnings(), HasSubstr("made.crt: the certificate expired at 20"));
    const auto early = read(to_material(make_certificate({"x", "DNS:x.test", 5, 10})));
    EXPECT_TRUE(early.certificate);
    EXPECT_THAT(early.warnings(), HasSubstr("not valid before"));
}

TEST(a_certificate, keeps_the_chain_that_comes_with_it) {
    const auto root = make_certificate({.common_name = "root", .authority = true});
    auto from = to_material(make_certificate({"x", "DNS:x.test"}, &root));
    from.chain += root.pem();
    EXPECT_EQ(sk_X509_num(read(from).certificate->issuers.get()), 1);
    from.chain += "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    const auto got = read(from);
    EXPECT_FALSE(got.certificate);
    EXPECT_THAT(got.errors(), HasSubstr("certificate 3 of the chain cannot be read"));
}

struct bad_material {
    const char* what;
    void (*spoil)(tls_material&);
    const char* says;
};

TEST(a_certificate, is_refused_with_its_place) {
    static const auto made = make_certificate({"x", "DNS:x.test"});
    static const auto other = make_certificate({"y", "DNS:y.test"});
    const bad_material cases[]{
        {"empty", [](tls_material& m) { m.chain.clear(); }, "made.crt: no certificate can be read"},
        {"no PEM", [](tls_material& m) { m.chain = "certificate"; }, "made.crt: no certificate can be read"},
        {"cut", [](tls_material& m) { m.chain.resize(m.chain.size() / 2); },
         "made.crt: no certificate can be read"},
        {"key in the place of the certificate", [](tls_material& m) { m.chain = m.key; },
         "made.crt: no certificate can be read"},
        {"no key", [](tls_material& m) { m.key.clear(); }, "made.key: no private key can be read"},
        {"another key", [](tls_material& m) { m.key = other.key_pem(); },
         "made.key: the key does not belong to the certificate"},
        {"locked key", [](tls_material& m) { m.key = made.locked_key_pem(); },
         "made.key: the key is encrypted"},
        {"bad staple", [](tls_material& m) { m.ocsp = "nothing"; }, "made.ocsp: not an OCSP response"},
    };
    for (const auto& one : cases) {
        auto from = to_material(made);
        from.at = {"adit.yaml", 4, 5};
        one.spoil(from);
        const auto got = read(from);
        EXPECT_FALSE(got.certificate) << one.what;
        EXPECT_THAT(got.errors(), HasSubstr(one.says)) << one.what;
        EXPECT_THAT(got.errors(), HasSubstr("adit.yaml:4:5: error: tls.certificates[0]:")) << one.what;
    }
}

TEST(a_certificate, can_be_made_up) {
    const auto one = tls_certificate::self_signed(std::chrono::system_clock::now());
    EXPECT_EQ(X509_check_private_key(one->leaf.get(), one->key.get()), 1);
    EXPECT_GT(one->not_after, std::chrono::system_clock::now() + std::chrono::hours(24 * 360));
    EXPECT_TRUE(one->hosts.empty());
}

TEST(names, are_found_exactly_or_by_one_label) {
    tls_names<int> names;
    EXPECT_TRUE(names.add("shop.test", 1));
    EXPECT_TRUE(names.add("*.shop.test", 2));
    EXPECT_TRUE(names.add("www.shop.test", 3));
    EXPECT_FALSE(names.add("*.shop.test", 4));
    const std::pair<const char*, int> cases[]{
        {"shop.test", 1},
        {"www.shop.test", 3},
        {"api.shop.test", 2},
        {"a.b.shop.test", 0},
        {".shop.test", 0},
        {"test", 0},
        {"", 0},
        {"other.test", 0},
        {"xshop.test", 0},
        {"*.shop.test", 2}, // a label like any other
    };
    for (const auto& [host, value] : cases) {
        const auto* found = names.find(host);
        EXPECT_EQ(found ? *found : 0, value) << host;
    }
}

} // namespace
} // namespace adit::net
