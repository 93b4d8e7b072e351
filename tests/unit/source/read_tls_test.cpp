#include "source/file/read.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::source {
namespace {

const std::string rest = "routes: [{name: a, tracks: {stable: {endpoints: [10.0.0.1]}}}]\n";

TEST(tls_in_a_file, names_files_as_seen_from_its_folder) {
    const auto got = read_text(
        "tls: {certificates: [{cert: tls.crt, key: /etc/tls.key, ocsp: staples/a}]}\n" + rest,
        "conf/adit.yaml"
    );
    ASSERT_TRUE(got.gateway) << to_text(got.problems.at(0));
    const auto& one = got.gateway->tls.certificates.at(0);
    EXPECT_EQ(one.chain.file, "conf/tls.crt");
    EXPECT_EQ(one.key.file, "/etc/tls.key");
    EXPECT_EQ(one.ocsp.file, "conf/staples/a");
    EXPECT_EQ(one.at.line, 1);
}

TEST(tls_in_a_file, has_mistakes_with_their_places) {
    const std::pair<std::string, std::string> cases[]{
        {"tls: {certificates: [{cert: a.crt}]}",
         "f:1:22: error: tls.certificates[0].key: the key is missing"},
        {"tls: {min_version: 1.1}", "f:1:20: error: tls.min_version: `1.1` is not a version of TLS"},
        {"tls: {clients: [{hosts: [a.test], ca: x, verify: maybe}]}", "`maybe` is no way to verify clients"},
        {"tls: {clients: [{ca: x}]}", "tls.clients[0].hosts: the key is missing"},
        {"listeners: [{address: \":1\", proxy_protocol: {from: []}}]", "no balancer is named"},
        {"listeners: [{address: \":1\", proxy_protocol: {from: [10.0.0.0/33]}}]",
         "listeners[0].proxy_protocol.from[0]"},
        {"listeners: [{address: \":1\", tls: 1}]", "listeners[0].tls"},
    };
    for (const auto& [text, says] : cases) {
        const auto got = read_text(text + '\n' + rest, "f");
        EXPECT_FALSE(got.gateway) << text;
        std::string all;
        for (const auto& one : got.problems) all += to_text(one) + '\n';
        EXPECT_NE(all.find(says), std::string::npos) << "wanted " << says << "\ngot    " << all;
    }
}

TEST(tls_in_a_file, redirects_by_308_or_as_told) {
    const std::pair<std::string, int> cases[]{{"true", 308}, {"false", 0}, {"301", 301}};
    for (const auto& [text, status] : cases) {
        const auto got = read_text(
            "routes: [{name: a, tracks: {stable: {endpoints: [10.0.0.1]}}, https: {redirect: " + text +
                "}}]\n",
            "f"
        );
        ASSERT_TRUE(got.gateway) << text;
        EXPECT_EQ(got.gateway->routes[0].https.redirect, status);
    }
}

} // namespace
} // namespace adit::source
