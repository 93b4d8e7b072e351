#include "compile.hpp"

namespace adit::policy {
namespace {

using model::path_match;
using model::variable;

std::string_view told(variable what) {
    switch (what) {
    case variable::scheme: return "https";
    case variable::host: return "shop.test";
    case variable::authority: return "Shop.test:8443";
    case variable::path: return "/a%20b";
    case variable::query: return "?x=1";
    case variable::request_uri: return "/a%20b?x=1";
    case variable::route: return "shop";
    case variable::track: return "stable";
    case variable::request_id: return "id";
    default: ADD_FAILURE() << "not for redirects"; return {};
    }
}

// The location for a path, or "pass".
std::string location(const model::route& wish, std::string_view path) {
    const auto made = must_compile(wish);
    pattern::groups groups;
    if (!made || !made->redirect->applies(path, groups)) return "pass";
    return written([&](http::writer& out) { made->redirect->write_location(out, groups, told); });
}

model::route to(std::string where, std::string only = "", path_match path = {}) {
    auto out = make_route(std::move(path));
    out.policies.redirect = {std::move(where), 301, std::move(only)};
    return out;
}

TEST(redirect, says_where_to_go) {
    const std::pair<std::string, std::string> rows[]{
        {"https://new.test", "https://new.test"},
        {"https://new.test$request_uri", "https://new.test/a%20b?x=1"},
        {"$scheme://www.$host$path$query", "https://www.shop.test/a%20b?x=1"},
        {"$scheme://$authority/app", "https://Shop.test:8443/app"},
        {"/app#top", "/app#top"},
        {"/app$query", "/app?x=1"},
        {"/$path", "/a%20b"}, // never //…, which names a host
        {"https://x.test/?from=$route", "https://x.test/?from=shop"},
    };
    for (const auto& [where, wanted] : rows) EXPECT_EQ(location(to(where), "/any"), wanted) << where;
}

TEST(redirect, may_be_for_one_path) {
    EXPECT_EQ(location(to("/app", "/"), "/"), "/app");
    EXPECT_EQ(location(to("/app", "/"), "/other"), "pass");
    EXPECT_EQ(location(to("/app", "/"), "/app"), "pass");
}

TEST(redirect, uses_the_groups_of_the_path) {
    const path_match path{path_match::kind::regex, "/old/(?<what>.*)"};
    EXPECT_EQ(location(to("https://new.test/$1", "", path), "/OLD/a b"), "https://new.test/a%20b");
    EXPECT_EQ(location(to("/${what}", "", path), "/old//evil.test"), "/evil.test");
    EXPECT_EQ(location(to("/${what}", "", path), "/old/\\evil.test"), "/evil.test");
    EXPECT_EQ(complaint_of(to("/$2", "", path)), "routes.shop.redirect.to: the pattern has no group $2");
}

TEST(redirect, knows_its_code) {
    EXPECT_EQ(must_compile(to("/a"))->redirect->code(), 301);
}

} // namespace
} // namespace adit::policy
