#include "model/grammar.hpp"
#include "model/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace adit::model {
namespace {

TEST(grammar, route_and_track_names) {
    for (const auto good : {"a", "0", "shop", "shop.api-2", "a.", "a-", "0.0"})
        EXPECT_TRUE(is_route_name(good)) << good;
    for (const auto good : {"a/b", "shop/store/0/1", "a.b/c-d/0"}) EXPECT_TRUE(is_route_name(good)) << good;
    for (const auto bad : {"", ".a", "-a", "Shop", "a_b", "a b", "é", "/a", "a/", "a//b", "a/-b"})
        EXPECT_FALSE(is_route_name(bad)) << bad;
    EXPECT_TRUE(is_route_name(std::string(340, 'a')));
    EXPECT_FALSE(is_route_name(std::string(341, 'a')));
    for (const auto good : {"stable", "canary", "v2", "2", "a-b"}) EXPECT_TRUE(is_track_name(good)) << good;
    for (const auto bad : {"", "a.b", "-a", "Canary", "a_b"}) EXPECT_FALSE(is_track_name(bad)) << bad;
    EXPECT_TRUE(is_track_name(std::string(63, 'a')));
    EXPECT_FALSE(is_track_name(std::string(64, 'a')));
}

TEST(grammar, tokens) {
    for (const auto good : {"X-Next", "a", "__Host-adit", "!#$%&'*+-.^_`|~09"})
        EXPECT_TRUE(is_token(good)) << good;
    for (const auto bad : {"", "a b", "a:b", "a;b", "a=b", "a,b", "\"a\"", "a\n", "\xc3\xa9"})
        EXPECT_FALSE(is_token(bad)) << bad;
}

TEST(grammar, dns_names) {
    for (const auto good : {"a", "shop.test", "shop.test.", "a_b", "1.a", "xn--bcher-kva.test"})
        EXPECT_TRUE(is_dns_name(good)) << good;
    for (const auto bad :
         {"", ".", "a..b", ".a", "-a", "a-", "a.-b", "1.2.3.4", "1.2.3.400", "5", "a b", "a*"})
        EXPECT_FALSE(is_dns_name(bad)) << bad;
    EXPECT_TRUE(is_dns_name(std::string(63, 'a')));
    EXPECT_FALSE(is_dns_name(std::string(64, 'a')));
}

TEST(grammar, field_text) {
    EXPECT_TRUE(is_field_text("any \t thing \xc3\xa9"));
    EXPECT_FALSE(is_field_text("a\nb"));
    EXPECT_FALSE(is_field_text(std::string_view("a\0b", 3)));
    EXPECT_FALSE(is_field_text("a\x7f"));
}

TEST(grammar, hosts_of_a_match) {
    for (const auto good :
         {"shop.test", "SHOP.test", "*.shop.test", "*.test", "localhost", "10.0.0.1", "[fd00::1]",
          "a_b.test"})
        EXPECT_FALSE(check_host_pattern(good)) << good;
    struct bad_case {
        std::string_view text, message, hint;
    };
    const bad_case cases[]{
        {"", "is empty", "leave `hosts` out"},
        {"*", "`*` alone", "leave `hosts` out"},
        {"*.", "dot at its end", ""},
        {"*.*.test", "whole first label", "*.shop.test"},
        {"a.*.test", "whole first label", ""},
        {"shop*.test", "whole first label", ""},
        {"shop.test:8080", "without its port", "write shop.test"},
        {"http://shop.test", "no scheme", "write shop.test"},
        {"shop.test/api", "no path", "`path`"},
        {"shop.test.", "without the dot", "write shop.test"},
        {"fd00::1", "in brackets", "write [fd00::1]"},
        {"[10.0.0.1]", "not an IPv6 address", ""},
        {"[fd00::1]:80", "not an IPv6 address in brackets", "without a port"},
        {"bücher.test", "in ASCII", "punycode"},
        {"10.0.0.300", "not a DNS name", ""},
        {"shop test", "not a DNS name", ""},
    };
    for (const auto& one : cases) {
        const auto why = check_host_pattern(one.text);
        ASSERT_TRUE(why) << one.text;
        EXPECT_NE(why->message.find(one.message), std::string::npos) << one.text << ": " << why->message;
        EXPECT_NE(why->hint.find(one.hint), std::string::npos) << one.text << ": " << why->hint;
    }
}

TEST(edit_distance, counts_a_swap_once) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("wieght", "weight"), 1U);
    EXPECT_EQ(edit_distance("ca", "abc"), 3U); // optimal string alignment, not full Damerau
}

TEST(nearest, knows_what_is_meant) {
    constexpr std::array<std::string_view, 7> known{"weight", "endpoints", "colour", "send_colour",
                                                    "hosts",  "headers",   "to"};
    EXPECT_EQ(nearest("wieght", known), "weight");
    EXPECT_EQ(nearest("endpoint", known), "endpoints");
    EXPECT_EQ(nearest("color", known), "colour");
    EXPECT_EQ(nearest("sendColour", known), "send_colour");
    EXPECT_EQ(nearest("SEND-COLOR", known), "send_colour");
    EXPECT_EQ(nearest("host", known), "hosts");
    EXPECT_EQ(nearest("zebra", known), std::nullopt);
    EXPECT_EQ(nearest("", known), std::nullopt);
    EXPECT_EQ(nearest("--", known), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 'a'), known), std::nullopt);
}

} // namespace
} // namespace adit::model
