#include "model/address.hpp"

#include <gtest/gtest.h>

namespace adit::model {
namespace {

struct good_case {
    std::string_view text;
    std::string host;
    std::uint16_t port;
};

struct bad_case {
    std::string_view text;
    std::string_view message, hint; // parts of them
};

TEST(parse_address, takes_what_can_be_listened_on) {
    const good_case cases[]{
        {"0.0.0.0:8080", "0.0.0.0", 8080}, {":8080", "", 8080},           {":0", "", 0},
        {"[::]:8080", "::", 8080},         {"[::1]:65535", "::1", 65535}, {"[fd00:0::0:1]:80", "fd00::1", 80},
        {"127.0.0.1:1", "127.0.0.1", 1},
    };
    for (const auto& one : cases) {
        fault why;
        const auto got = parse_address(one.text, &why);
        ASSERT_TRUE(got) << one.text << ": " << why.message;
        EXPECT_EQ(*got, (address{one.host, one.port})) << one.text;
        EXPECT_EQ(parse_address(to_text(*got)), got) << one.text;
    }
}

TEST(parse_address, says_why_not) {
    const bad_case cases[]{
        {"", "empty", ":8080"},
        {"8080", "a colon is missing", "write :8080"},
        {"0.0.0.0", "a port is missing", "write 0.0.0.0:8080"},
        {"[::1]", "a port is missing", "write [::1]:8080"},
        {"::1", "stands in brackets", "write [::1]"},
        {"1:2:3", "more than one colon", "brackets"},
        {"localhost:8080", "`localhost` is not an IP address", "write 127.0.0.1:8080"},
        {"shop.test:80", "`shop.test` is not an IP address", "write 0.0.0.0:80"},
        {"10.0.0.300:80", "`10.0.0.300` is not an IP address", ""},
        {"[10.0.0.1]:80", "is not an IP address", ""},
        {"[::1", "a bracket is not closed", "[::1]:8080"},
        {"[::1]8080", "only a port may follow", ""},
        {":", "a port is missing after the colon", ""},
        {":65536", "`65536` is not a port", "from 1 to 65535"},
        {":-1", "`-1` is not a port", ""},
        {":+80", "`+80` is not a port", ""},
        {": 80", "is not a port", ""},
        {"http://0.0.0.0:80", "is no URL", ""},
        {"*:80", "`*` is not an IP address", "write 0.0.0.0:80"},
    };
    for (const auto& one : cases) {
        fault why;
        EXPECT_FALSE(parse_address(one.text, &why)) << one.text;
        EXPECT_NE(why.message.find(one.message), std::string::npos) << one.text << ": " << why.message;
        EXPECT_NE(why.hint.find(one.hint), std::string::npos) << one.text << ": " << why.hint;
    }
}

TEST(parse_endpoint, takes_hosts_addresses_and_plain_urls) {
    const good_case cases[]{
        {"10.0.0.1:8080", "10.0.0.1", 8080},
        {"10.0.0.1", "10.0.0.1", 80},
        {"shop.svc:8080", "shop.svc", 8080},
        {"Shop.SVC", "shop.svc", 80},
        {"shop.svc.cluster.local.:80", "shop.svc.cluster.local.", 80},
        {"under_score", "under_score", 80},
        {"[fd00::1]:9", "fd00::1", 9},
        {"[fd00::1]", "fd00::1", 80},
        {"http://shop.svc:8080", "shop.svc", 8080},
        {"HTTP://shop.svc/", "shop.svc", 80},
        {"http://[::1]:81/", "::1", 81},
        {"9gag.com:1", "9gag.com", 1},
    };
    for (const auto& one : cases) {
        fault why;
        const auto got = parse_endpoint(one.text, &why);
        ASSERT_TRUE(got) << one.text << ": " << why.message;
        EXPECT_EQ(*got, (endpoint{one.host, one.port})) << one.text;
        EXPECT_EQ(parse_endpoint(to_text(*got)), got) << one.text;
    }
}

TEST(parse_endpoint, says_why_not) {
    const bad_case cases[]{
        {"", "a host is missing", ""},
        {":80", "a host is missing", ""},
        {"10.0.0.1:0", "port 0", ""},
        {"10.0.0.1:", "a port is missing", ""},
        {"10.0.0.1:http", "`http` is not a port", ""},
        {"10.0.0.300:80", "neither an IP address nor a DNS name", ""},
        {"-shop:80", "neither an IP address nor a DNS name", ""},
        {"sh op:80", "neither an IP address nor a DNS name", ""},
        {"a..b:80", "neither an IP address nor a DNS name", ""},
        {"fd00::1", "stands in brackets", "[fd00::1]"},
        {"[shop]:80", "only an IPv6 address stands in brackets", ""},
        {"shop.svc/path", "no path", ""},
        {"https://shop.svc/api", "no path", "write https://shop.svc, without /api"},
        {"ftp://shop.svc", "`ftp` is not a supported scheme", "http:// or https://"},
        {"http://shop.svc/api", "no path", "write http://shop.svc, without /api"},
        {"http://shop.svc?x", "no path", ""},
        {"http://me:pw@shop.svc/", "user name", ""},
        {"http://", "a host is missing", ""},
    };
    for (const auto& one : cases) {
        fault why;
        EXPECT_FALSE(parse_endpoint(one.text, &why)) << one.text;
        EXPECT_NE(why.message.find(one.message), std::string::npos) << one.text << ": " << why.message;
        EXPECT_NE(why.hint.find(one.hint), std::string::npos) << one.text << ": " << why.hint;
    }
}

TEST(parse_upstream_url, asks_for_the_scheme) {
    EXPECT_EQ(parse_upstream_url("http://127.0.0.1:9000"), (endpoint{"127.0.0.1", 9000}));
    EXPECT_EQ(parse_upstream_url("http://shop"), (endpoint{"shop", 80}));
    fault why;
    EXPECT_FALSE(parse_upstream_url("127.0.0.1:9000", &why));
    EXPECT_EQ(why.hint, "write http://127.0.0.1:9000");
    EXPECT_FALSE(parse_upstream_url("", &why));
    const auto secure = parse_upstream_url("https://shop").value();
    EXPECT_TRUE(secure.tls);
    EXPECT_EQ(secure.port, 443);
    EXPECT_EQ(to_text(secure), "https://shop:443");
    EXPECT_EQ(parse_upstream_url(to_text(secure)), secure);
    EXPECT_EQ(parse_upstream_url("HTTPS://shop:8443/").value().port, 8443);
}

TEST(parsers, need_no_fault_to_fill) {
    EXPECT_FALSE(parse_address("x"));
    EXPECT_FALSE(parse_endpoint(""));
    EXPECT_FALSE(parse_upstream_url("x"));
}

} // namespace
} // namespace adit::model
