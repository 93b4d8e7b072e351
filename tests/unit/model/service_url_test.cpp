#include "model/service_url.hpp"

#include "model/address.hpp"

#include <gtest/gtest.h>

namespace adit::model {
namespace {

TEST(service_url, is_taken_apart) {
    struct {
        std::string_view url;
        std::string endpoint, host, target;
    } const cases[]{
        {"http://auth.svc:4180/oauth2/auth?group=a", "auth.svc:4180", "auth.svc:4180",
         "/oauth2/auth?group=a"},
        {"http://Auth.svc", "auth.svc:80", "Auth.svc", "/"},
        {"http://10.0.0.1?x=1", "10.0.0.1:80", "10.0.0.1", "/?x=1"},
        {"HTTP://[fd00::1]:81/", "[fd00::1]:81", "[fd00::1]:81", "/"},
        {"http://a/b://c", "a:80", "a", "/b://c"},
    };
    for (const auto& each : cases) {
        fault why;
        const auto got = parse_service_url(each.url, &why);
        ASSERT_TRUE(got) << each.url << ": " << why.message;
        EXPECT_EQ(to_text(got->endpoint), each.endpoint) << each.url;
        EXPECT_EQ(got->host, each.host) << each.url;
        EXPECT_EQ(got->target, each.target) << each.url;
    }
}

TEST(service_url, is_refused_with_a_reason) {
    for (const std::string_view url :
         {"", "auth.svc/ask", "https://auth.svc/", "ftp://auth.svc/", "http://", "http:///ask", "http://a:0/",
          "http://a:b/", "http://user@a/", "http://a/#b", "http://a/ b", "http://a/\xc3\xa4",
          "http://a b/"}) {
        fault why;
        EXPECT_FALSE(parse_service_url(url, &why)) << url;
        EXPECT_FALSE(why.message.empty()) << url;
    }
}

} // namespace
} // namespace adit::model
