#include "model/validate.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace adit::model {
namespace {

gateway good() {
    route shop;
    shop.name = "shop";
    shop.match.path.text = "/shop";
    shop.tracks.resize(2);
    shop.tracks[0].name = "stable";
    shop.tracks[1].name = "canary";
    auto& p = shop.policies;
    p.rewrite = {rewrite::kind::prefix, "", "/new", "/shop"};
    p.redirect = {"https://new.test$request_uri", 308, "/shop/old"};
    p.request_headers = {{"X-Secret"}, {{"Host", "api.$host:8080"}, {"X-A", "$remote_addr"}}, {{"X-B", "b"}}};
    p.response_headers = {{"Server"}, {{"X-Frame-Options", "DENY"}}, {{"Set-Cookie", "a=b"}}};
    p.access = access{{parse_prefix("10.0.0.0/8").value()}, {}};
    gateway out;
    out.routes = {shop};
    return out;
}

std::string listing(const complaints& all) {
    std::string out;
    for (const auto& one : all) out += to_text(one) + '\n';
    return out;
}

struct bad_case {
    std::string_view key;           // behind "routes[0]."
    std::string_view message, hint; // parts of them
    std::function<void(route&)> spoil;
    complaint::severity level = complaint::severity::error;
};

void expect_one(const bad_case& wanted) {
    auto wish = good();
    wanted.spoil(wish.routes[0]);
    const auto got = validate(wish);
    ASSERT_EQ(got.size(), 1U) << wanted.key << '\n' << listing(got);
    EXPECT_EQ(got[0].key, "routes[0]." + std::string(wanted.key));
    EXPECT_EQ(got[0].level, wanted.level) << wanted.key;
    EXPECT_NE(got[0].message.find(wanted.message), std::string::npos) << got[0].message;
    EXPECT_NE(got[0].hint.find(wanted.hint), std::string::npos) << wanted.key << ": " << got[0].hint;
}

TEST(validate_policies, has_nothing_to_say_of_good_ones) {
    EXPECT_EQ(listing(validate(good())), "");
    auto wish = good();
    wish.routes[0].match.path = {path_match::kind::regex, "/(a)"};
    wish.routes[0].policies.rewrite = {rewrite::kind::regex, "", "$1/x?y=$1", "/$1"};
    wish.routes[0].policies.redirect = {"$scheme://$host/$1#top", 303, ""};
    EXPECT_EQ(listing(validate(wish)), "");
}

TEST(validate_policies, looks_at_rewrites) {
    using kind = rewrite::kind;
    const bad_case cases[]{
        {"rewrite.prefix", "begins with '/'", "write /new", [](route& r) { r.policies.rewrite->to = "new"; }},
        {"rewrite.prefix", "keeps the host", "redirect",
         [](route& r) { r.policies.rewrite->to = "https://a.test/"; }},
        {"rewrite.prefix", "`/a b` cannot be sent", "percent-encode",
         [](route& r) { r.policies.rewrite->to = "/a b"; }},
        {"rewrite.prefix", "cannot be sent", "", [](route& r) { r.policies.rewrite->to = "/a\r\nX: y"; }},
        {"rewrite.prefix", "cannot be sent", "", [](route& r) { r.policies.rewrite->to = "/a?b"; }},
        {"rewrite.prefix", "cannot be sent", "", [](route& r) { r.policies.rewrite->to = "/a%2"; }},
        {"rewrite.prefix", "no variable `$1`", "$$", [](route& r) { r.policies.rewrite->to = "/$1"; }},
        {"rewrite.prefix", "no prefix to replace", "$1",
         [](route& r) { r.match.path.how = path_match::kind::regex; }},
        {"rewrite.to", "no pattern whose groups", "regex",
         [](route& r) {
             r.policies.rewrite = {kind::regex, "", "/$1", ""};
         }},
        {"rewrite.to", "cannot be sent", "",
         [](route& r) {
             r.policies.rewrite = {kind::regex, "a", "/#", ""};
         }},
        {"rewrite.to", "begins with '/'", "",
         [](route& r) {
             r.policies.rewrite = {kind::regex, "a", "a", ""};
         }},
        {"rewrite.forwarded_prefix", "no variable `$host`", "$1",
         [](route& r) {
             r.policies.rewrite = {kind::regex, "a", "/", "/$host"};
         }},
    };
    for (const auto& one : cases) expect_one(one);
    auto wish = good();
    wish.routes[0].policies.rewrite = {kind::regex, "(", "/", ""};
    const auto got = validate(wish, [](std::string_view text) {
        return text == "(" ? std::optional<std::string>("unbalanced") : std::nullopt;
    });
    EXPECT_EQ(listing(got), "error: routes[0].rewrite.regex: unbalanced\n");
}

TEST(validate_policies, looks_at_redirects) {
    const bad_case cases[]{
        {"redirect.to", "neither an URL nor a path", "https://",
         [](route& r) { r.policies.redirect->to = "new.test"; }},
        {"redirect.to", "names a host", "one / only", [](route& r) { r.policies.redirect->to = "//a.test"; }},
        {"redirect.to", "cannot be sent", "percent-encode",
         [](route& r) { r.policies.redirect->to = "https://a.test/\"x\""; }},
        {"redirect.to", "no variable `$remote_addr`", "$scheme",
         [](route& r) { r.policies.redirect->to = "/$remote_addr"; }},
        {"redirect.to", "it has none", "", [](route& r) { r.policies.redirect->to = "/$1"; }},
        {"redirect.code", "300 is no redirect", "308", [](route& r) { r.policies.redirect->code = 300; }},
        {"redirect.path", "begins with '/'", "path: /", [](route& r) { r.policies.redirect->path = "a"; }},
    };
    for (const auto& one : cases) expect_one(one);
}

TEST(validate_policies, looks_at_header_edits) {
    const bad_case cases[]{
        {"request_headers.remove[0]", "belongs to the connection", "remove it",
         [](route& r) { r.policies.request_headers.remove = {"Content-Length"}; }},
        {"request_headers.remove[0]", "has a Host", "set another",
         [](route& r) { r.policies.request_headers.remove = {"host"}; }},
        {"request_headers.remove[0]", "`a b` is not the name", "no spaces",
         [](route& r) { r.policies.request_headers.remove = {"a b"}; }},
        {"request_headers.set.te", "belongs to the connection", "",
         [](route& r) {
             r.policies.request_headers.set = {{"te", "trailers"}};
         }},
        {"request_headers.set.x-a", "set twice", "without case",
         [](route& r) {
             r.policies.request_headers.set = {{"X-A", "1"}, {"x-a", "2"}};
         }},
        {"request_headers.set.X-A", "no variable `$cookie`", "$host",
         [](route& r) {
             r.policies.request_headers.set = {{"X-A", "$cookie"}};
         }},
        {"request_headers.set.X-A", "control bytes", "",
         [](route& r) {
             r.policies.request_headers.set = {{"X-A", "a\r\nX-B: b"}};
         }},
        {"request_headers.set.X-A", "no spaces around it", "`a`",
         [](route& r) {
             r.policies.request_headers.set = {{"X-A", "a "}};
         }},
        {"request_headers.set.Host", "no variable `$request_id`", "$host",
         [](route& r) {
             r.policies.request_headers.set = {{"Host", "$request_id"}};
         }},
        {"request_headers.set.Host", "not part of a host", "",
         [](route& r) {
             r.policies.request_headers.set = {{"Host", "a/b"}};
         }},
        {"request_headers.set.Host", "not empty", "",
         [](route& r) {
             r.policies.request_headers.set = {{"Host", ""}};
         }},
        {"request_headers.add.Host", "one Host", "set",
         [](route& r) {
             r.policies.request_headers.add = {{"Host", "a.test"}};
         }},
        {"response_headers.set.Date", "belongs to the connection", "",
         [](route& r) {
             r.policies.response_headers.set = {{"Date", "now"}};
         }},
        {"response_headers.set.Host", "no Host", "",
         [](route& r) {
             r.policies.response_headers.set = {{"Host", "a"}};
         }},
        {"tracks.canary.response_headers.add.Transfer-Encoding", "belongs to the connection", "",
         [](route& r) {
             r.tracks[1].response_headers.add = {{"Transfer-Encoding", "gzip"}};
         }},
        {"access", "nobody is named", "allow", [](route& r) { r.policies.access = access{}; },
         complaint::severity::warning},
    };
    for (const auto& one : cases) expect_one(one);
}

} // namespace
} // namespace adit::model
