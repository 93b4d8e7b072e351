#include "compile.hpp"

namespace adit::policy {
namespace {

using model::path_match;

struct row {
    std::string_view target, wanted;
    std::string_view path = {}; // as routes see it; the one of the target where nothing had to be normalised
};

// The target that the upstream is asked for; "keep", or "error".
std::string rewritten(const route_policy& of, const row& one) {
    const auto question = one.target.find('?');
    const auto raw = one.target.substr(0, question);
    const auto query =
        question == std::string_view::npos ? std::string_view{} : one.target.substr(question + 1);
    const auto path = one.path.empty() ? raw : one.path;
    pattern::groups groups;
    switch (of.rewrite->match(path, groups)) {
    case rewrite::verdict::keep: return "keep";
    case rewrite::verdict::error: return "error";
    case rewrite::verdict::hit: break;
    }
    return written([&](http::writer& out) { of.rewrite->write_target(out, raw, path, query, groups); });
}

void expect_all(const model::route& wish, std::initializer_list<row> rows) {
    const auto made = must_compile(wish);
    ASSERT_TRUE(made);
    for (const auto& one : rows) EXPECT_EQ(rewritten(*made, one), one.wanted) << one.target;
}

model::route by_prefix(std::string from, std::string to, path_match::kind how = path_match::kind::prefix) {
    auto out = make_route({how, std::move(from)});
    out.policies.rewrite = {model::rewrite::kind::prefix, "", std::move(to), ""};
    return out;
}

model::route by_regex(std::string pattern, std::string to, path_match path = {}) {
    auto out = make_route(std::move(path));
    out.policies.rewrite = {model::rewrite::kind::regex, std::move(pattern), std::move(to), ""};
    return out;
}

TEST(rewrite, replaces_a_prefix_by_segments) {
    expect_all(
        by_prefix("/shop", "/new"),
        {
            {"/shop", "/new"},
            {"/shop/", "/new/"},
            {"/shop/a/b", "/new/a/b"},
            {"/shop/a?x=1&y", "/new/a?x=1&y"},
            {"/shop?", "/new?"},
        }
    );
    expect_all(by_prefix("/shop/", "/new/"), {{"/shop", "/new"}, {"/shop/a", "/new/a"}});
    expect_all(by_prefix("/shop", "/"), {{"/shop", "/"}, {"/shop/", "/"}, {"/shop/a", "/a"}});
    expect_all(by_prefix("/", "/new"), {{"/", "/new/"}, {"/a", "/new/a"}});
    expect_all(by_prefix("/", "/"), {{"/", "/"}, {"/a", "/a"}});
    expect_all(by_prefix("/a", "/new", path_match::kind::exact), {{"/a", "/new"}, {"/a?b", "/new?b"}});
}

TEST(rewrite, keeps_the_spelling_of_what_a_prefix_leaves_over) {
    expect_all(
        by_prefix("/shop", "/new"),
        {
            {"/shop/a%2Fb%20c", "/new/a%2Fb%20c", "/shop/a/b c"},
            {"/shop/%e4%f6", "/new/%e4%f6", "/shop/\xe4\xf6"},
            // Spelt otherwise, or shortened by normalising: decoded and encoded anew.
            {"/sho%70/a%2Fb", "/new/a/b", "/shop/a/b"},
            {"/shop//a%20b", "/new/a%20b", "/shop/a b"},
            {"/shop/x/%2e%2e/y", "/new/y", "/shop/y"},
            {"/shop/x/../../shop/y", "/new/y", "/shop/y"},
            {"/shop%2Fa%3Fb%23c%25", "/new/a%3Fb%23c%25", "/shop/a?b#c%"},
        }
    );
}

TEST(rewrite, replaces_the_whole_path_by_groups) {
    expect_all(
        by_regex("^/old/(\\w+)/(.*)", "/v2/$2/of/$1"),
        {
            {"/old/shop/a/b", "/v2/a/b/of/shop"},
            {"/old/shop/?q=1", "/v2//of/shop?q=1"},
            {"/new/shop/a", "keep"},
        }
    );
    expect_all(by_regex("b(?<rest>.*)$", "/${rest}"), {{"/abc", "/c"}, {"/ab", "/"}, {"/ac", "keep"}});
    expect_all(by_regex("^/(a)|^/(b)", "/x$1/$2"), {{"/a", "/xa/"}, {"/b", "/x/b"}});
    expect_all(by_regex("^/(.*)", "/$$$1%20"), {{"/a", "/$a%20"}});
    expect_all(by_regex("^.*$", "/0$0"), {{"/a", "/0/a"}});
}

// What ingress-nginx does with rewrite-target: the groups are those of the path itself.
TEST(rewrite, uses_the_groups_of_the_routes_own_path) {
    const path_match path{path_match::kind::regex, "/something(/|$)(.*)"};
    expect_all(
        by_regex("", "/$2", path),
        {
            {"/something", "/"},
            {"/something/", "/"},
            {"/SOMETHING/new?a=b", "/new?a=b"},
            {"/something/new/", "/new/"},
        }
    );
}

TEST(rewrite, sends_nothing_that_was_captured_as_anything_else) {
    expect_all(
        by_regex("(?s)^/x(.*)", "/$1"),
        {
            {"/x%0d%0aA:%20b", "/%0D%0AA:%20b", "/x\r\nA: b"},
            {"/x%3fa%26b=%2523", "/%3Fa&b=%2523", "/x?a&b=%23"},
            {"/x//evil.test/a", "/evil.test/a"},
            {"/x%2f%2fevil.test", "/evil.test", "/x/evil.test"},
            {"/x%5Cevil", "/evil", "/x\\evil"},
            {"/x/a%5Cb%C3%BC", "/a%5Cb%C3%BC", "/x/a\\b\xc3\xbc"},
        }
    );
    // No slash in front: there is one nevertheless.
    expect_all(by_regex("^/(.*)", "$1"), {{"/a", "/a"}, {"/", "/"}});
}

TEST(rewrite, brings_and_drops_queries) {
    expect_all(
        by_regex("^/p/(.*)", "/page?id=$1"),
        {
            {"/p/7", "/page?id=7"},
            {"/p/7?x=1", "/page?id=7&x=1"},
            {"/p/7?", "/page?id=7"},
            {"/p/a&b=c+d%20e", "/page?id=a%26b%3Dc%2Bd%20e", "/p/a&b=c+d e"},
        }
    );
    expect_all(by_regex("^/p/(.*)", "/q/$1?"), {{"/p/7?x=1", "/q/7"}, {"/p/7", "/q/7"}});
}

TEST(rewrite, says_when_the_pattern_gave_up) {
    std::string long_path = "/" + std::string(4000, 'a') + "!";
    expect_all(by_regex("^/(a+)+$", "/x"), {{long_path, "error"}});
}

TEST(rewrite, leaves_the_star_of_options_alone) {
    expect_all(by_prefix("/", "/new"), {{"*", "keep"}});
}

TEST(rewrite, tells_the_prefix) {
    auto wish = by_regex("^/(\\w+)/(.*)", "/$2");
    wish.policies.rewrite->forwarded_prefix = "/$1";
    const auto made = must_compile(wish);
    EXPECT_TRUE(made->rewrite->tells_prefix());
    pattern::groups groups;
    ASSERT_EQ(made->rewrite->match("/shop one/a", groups), rewrite::verdict::keep);
    ASSERT_EQ(made->rewrite->match("/shop/a", groups), rewrite::verdict::hit);
    EXPECT_EQ(
        written([&](http::writer& out) { made->rewrite->write_forwarded_prefix(out, groups); }),
        "X-Forwarded-Prefix: /shop\r\n"
    );
}

TEST(rewrite, knows_its_groups_when_it_is_compiled) {
    EXPECT_EQ(complaint_of(by_regex("^/(.*)", "/$2")), "routes.shop.rewrite.to: the pattern has no group $2");
    EXPECT_EQ(
        complaint_of(by_regex("^/(?<a>.*)", "/${b}")),
        "routes.shop.rewrite.to: the pattern has no group \"b\""
    );
    EXPECT_EQ(
        complaint_of(by_regex("(", "/")),
        "routes.shop.rewrite.regex: the pattern \"(\" does not compile: missing closing parenthesis at byte 1"
    );
}

} // namespace
} // namespace adit::policy
