#include "http/values.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::http {
namespace {

using tests::request;

TEST(field_values, are_joined_over_lines) {
    const request r("/", {{"X-A", "1"}, {"X-B", ""}, {"x-a", "2"}, {"Cookie", "a=b"}, {"X-A", ""}});
    const field_key a("x-A");
    EXPECT_TRUE(test_field(r.head(), a, text_test::exact("1, 2, ")));
    EXPECT_FALSE(test_field(r.head(), a, text_test::exact("1")));
    EXPECT_TRUE(test_field(r.head(), field_key("X-B"), text_test::exact("")));
    EXPECT_TRUE(test_field(r.head(), field_key("COOKIE"), text_test::exact("a=b")));
    EXPECT_FALSE(test_field(r.head(), field_key("X-C"), text_test::present()));
    EXPECT_EQ(find_field(r.head(), a), &r.head().fields()[0]);
    EXPECT_EQ(find_field(r.head(), field_key("Accept")), nullptr);
}

TEST(field_values, dropped_lines_do_not_count) {
    request r("/", {{"X-A", "1"}, {"X-A", "2"}});
    r.head().fields()[0].dropped = true;
    EXPECT_TRUE(test_field(r.head(), field_key("X-A"), text_test::exact("2")));
}

TEST(field_values, the_largest_head_fits) {
    request::field_list fields;
    for (int i = 0; i < 100; ++i) fields.emplace_back("X", std::string(600, 'x'));
    const request r("/", fields);
    EXPECT_TRUE(test_field(r.head(), field_key("X"), text_test::exact([] {
                               std::string all;
                               for (int i = 0; i < 100; ++i) all.append(i ? ", " : "").append(600, 'x');
                               return all;
                           }())));
}

TEST(field_values, of_cookie_lines_are_joined_as_cookies_are) {
    const request r("/", {{"Cookie", "a=1"}, {"cookie", "b=2"}});
    EXPECT_TRUE(test_field(r.head(), field_key("Cookie"), text_test::exact("a=1; b=2")));
}

TEST(field_values, are_found_by_nginx_names) {
    const request r("/", {{"X_Next", "1"}, {"x-next", "2"}, {"User-Agent", "u"}, {"X-Nex", "3"}});
    EXPECT_TRUE(test_field(r.head(), field_key::as_nginx("X-NEXT"), text_test::exact("1, 2")));
    EXPECT_TRUE(test_field(r.head(), field_key::as_nginx("x_next"), text_test::exact("1, 2")));
    EXPECT_TRUE(test_field(r.head(), field_key::as_nginx("User_Agent"), text_test::exact("u")));
    EXPECT_FALSE(test_field(r.head(), field_key::as_nginx("X-Nexts"), text_test::present()));
    EXPECT_TRUE(test_field(r.head(), field_key("X-Next"), text_test::exact("2")));
}

TEST(field_values, say_when_a_pattern_gave_up) {
    const request r("/", {{"X-A", std::string(40, 'a') + "b"}});
    const auto slow = text_test::regex(std::get<pattern>(pattern::compile("^(a+)+$")));
    EXPECT_EQ(ask_field(r.head(), field_key("X-A"), slow), pattern::verdict::error);
    EXPECT_FALSE(test_field(r.head(), field_key("X-A"), slow));
    EXPECT_EQ(ask_field(r.head(), field_key("X-B"), slow), pattern::verdict::no_match);
}

TEST(cookies, are_found_by_the_rules_of_nginx) {
    const auto find = [](request::field_list fields, std::string_view name) {
        const request r("/", std::move(fields));
        const auto value = find_cookie_as_nginx(r.head(), name);
        return value.data() ? std::string(value) : std::string("-");
    };
    EXPECT_EQ(find({{"Cookie", "a=1; next=always"}}, "next"), "always");
    EXPECT_EQ(find({{"Cookie", "NEXT=always"}}, "next"), "always");
    EXPECT_EQ(find({{"Cookie", "next=never; next=always"}}, "next"), "never");
    EXPECT_EQ(find({{"Cookie", "sid=1"}, {"Cookie", "next=always"}}, "next"), "always");
    EXPECT_EQ(find({{"Cookie", "next = always"}}, "next"), "always");
    EXPECT_EQ(find({{"Cookie", "next=always ; a=1"}}, "next"), "always "); // not "always"
    EXPECT_EQ(find({{"Cookie", "next=\"always\""}}, "next"), "\"always\"");
    EXPECT_EQ(find({{"Cookie", "a=1,next=always"}}, "next"), "always");
    EXPECT_EQ(find({{"Cookie", "next=a,b; c=d"}}, "next"), "a,b");
    EXPECT_EQ(find({{"Cookie", "nexts=1; xnext=2; next"}}, "next"), "-");
    EXPECT_EQ(find({{"Cookie", "next="}}, "next"), "");
    EXPECT_EQ(find({{"X-Cookie", "next=1"}}, "next"), "-");
}

TEST(query_values, are_decoded) {
    std::string scratch(256, '\0');
    const auto find = [&](std::string_view query, std::string_view name) {
        const auto value = find_query(query, name, scratch);
        return value.data() ? std::string(value) : std::string("-");
    };
    EXPECT_EQ(find("a=1&b=2", "b"), "2");
    EXPECT_EQ(find("a=1&b", "b"), "");
    EXPECT_EQ(find("a=1&b=", "b"), "");
    EXPECT_EQ(find("a=1", "b"), "-");
    EXPECT_EQ(find("", "b"), "-");
    EXPECT_EQ(find({}, ""), "-");
    EXPECT_EQ(find("=x", ""), "x");
    EXPECT_EQ(find("b=x=y", "b"), "x=y");
    EXPECT_EQ(find("b=%41+%2B%zz%4", "b"), "A +%zz%4");
    EXPECT_EQ(find("%62=1", "b"), "1");
    EXPECT_EQ(find("bb=1&b=2", "b"), "2");
    EXPECT_EQ(find("b=%00", "b"), std::string(1, '\0'));
}

} // namespace
} // namespace adit::http
