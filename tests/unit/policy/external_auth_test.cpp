#include "policy/external_auth.hpp"

#include "http/scanner.hpp"
#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <set>

namespace adit::policy {
namespace {

using tests::request;
using kind = model::auth_key_part::kind;

class reply {
public:
    explicit reply(const std::string& text) : text_(text + "\r\n") {
        EXPECT_EQ(http::head_scanner{}.scan(head, text_, {}), http::progress::done) << text;
    }
    http::response_head head;

private:
    std::string text_;
};

template <class Write>
std::string written(Write&& write) {
    char room[4096];
    http::writer out(room, sizeof room);
    write(out);
    EXPECT_FALSE(out.overflowed());
    return std::string(out.text());
}

TEST(external_auth, judges_by_status) {
    const std::pair<unsigned, auth_verdict> cases[]{
        {200, auth_verdict::allowed},   {202, auth_verdict::allowed},      {204, auth_verdict::allowed},
        {299, auth_verdict::allowed},   {302, auth_verdict::failed},       {304, auth_verdict::failed},
        {400, auth_verdict::failed},    {401, auth_verdict::unauthorised}, {402, auth_verdict::failed},
        {403, auth_verdict::forbidden}, {404, auth_verdict::failed},       {429, auth_verdict::failed},
        {500, auth_verdict::failed},    {503, auth_verdict::failed}};
    for (const auto& [status, verdict] : cases) EXPECT_EQ(external_auth::judge(status), verdict) << status;
}

TEST(external_auth, lets_nobody_set_what_the_service_sets) {
    model::external_auth wish;
    wish.response_headers = {"X-User", "authorization"};
    request from("/", {{"x-user", "root"}, {"X-Users", "a"}, {"X-USER", "b"}, {"Authorization", "c"}});
    external_auth(wish).drop_spoofed(from.head());
    const auto fields = from.head().fields();
    EXPECT_TRUE(fields[0].dropped && fields[2].dropped && fields[3].dropped);
    EXPECT_FALSE(fields[1].dropped);
}

TEST(external_auth, asks_with_the_fields_that_it_may) {
    const request from(
        "/", {{"Host", "shop.test"},
              {"Cookie", "a=b"},
              {"X-A", "1"},
              {"Expect", "100-continue"},
              {"X-A", "2"},
              {"x-original-url", "http://evil.test/"},
              {"X-Original-Method", "GET"},
              {"X-Auth-Request-Redirect", "/"}}
    );
    const auto asked = [&](const model::external_auth& wish) {
        return written([&](auto& out) { external_auth(wish).write_asked_fields(out, from.head()); });
    };
    model::external_auth wish;
    EXPECT_EQ(asked(wish), "Cookie: a=b\r\nX-A: 1\r\nX-A: 2\r\n");
    wish.request_headers = {"x-a"};
    EXPECT_EQ(asked(wish), "X-A: 1\r\nX-A: 2\r\n");
    wish.request_headers = {"cookie", "host"};
    EXPECT_EQ(asked(wish), "Cookie: a=b\r\n");
    wish.request_headers.emplace();
    EXPECT_EQ(asked(wish), "");
}

TEST(external_auth, passes_on_what_was_named) {
    model::external_auth wish;
    wish.response_headers = {"X-User", "X-Role"};
    const external_auth rules(wish);
    const reply yes("HTTP/1.1 200 OK\r\nx-role: a\r\nX-User: ann\r\nX-Role: b\r\nX-Other: c\r\n"
                    "Set-Cookie: s=1\r\nWWW-Authenticate: Basic\r\n");
    EXPECT_EQ(
        written([&](auto& out) { rules.write_upstream_lines(out, yes.head); }),
        "X-User: ann\r\nX-Role: a\r\nX-Role: b\r\n"
    );
    EXPECT_EQ(
        written([&](auto& out) { external_auth::write_client_lines(out, yes.head); }), "Set-Cookie: s=1\r\n"
    );
    EXPECT_FALSE(external_auth::may_be_kept(yes.head));
    const reply no("HTTP/1.1 401 No\r\nwww-authenticate: Basic realm=\"a\"\r\nWWW-Authenticate: Bearer\r\n");
    EXPECT_EQ(
        written([&](auto& out) { external_auth::write_client_lines(out, no.head); }),
        "WWW-Authenticate: Basic realm=\"a\"\r\nWWW-Authenticate: Bearer\r\n"
    );
    EXPECT_TRUE(external_auth::may_be_kept(no.head));
    EXPECT_FALSE(external_auth::may_be_kept(reply("HTTP/1.1 500 X\r\n").head));
}

TEST(external_auth, sends_to_the_sign_in_page) {
    struct {
        std::string signin, param, target, location;
    } const cases[]{
        {"https://id.test/start", "rd", "/", "https://id.test/start?rd=http%3A%2F%2Fshop.test%2F"},
        {"https://id.test/start", "rd", "/a?b=c&d=%20",
         "https://id.test/start?rd=http%3A%2F%2Fshop.test%2Fa%3Fb%3Dc%26d%3D%2520"},
        {"https://id.test/start?x=1", "to", "/", "https://id.test/start?x=1&to=http%3A%2F%2Fshop.test%2F"},
        {"https://id.test/?", "rd", "/", "https://id.test/?rd=http%3A%2F%2Fshop.test%2F"},
        {"/login?a=b&", "rd", "/", "/login?a=b&rd=http%3A%2F%2Fshop.test%2F"},
        {"https://id.test/start?rd=https://home.test", "rd", "/a",
         "https://id.test/start?rd=https://home.test"},
        {"https://id.test/start?ord=1", "rd", "/",
         "https://id.test/start?ord=1&rd=http%3A%2F%2Fshop.test%2F"},
    };
    for (const auto& each : cases) {
        model::external_auth wish;
        wish.signin = each.signin;
        wish.signin_param = each.param;
        request from(each.target, {{"Host", "shop.test"}});
        from.head().authority_at = from.head().fields()[0].value_at;
        from.head().authority_size = from.head().fields()[0].value_size;
        EXPECT_EQ(
            written([&](auto& out) { external_auth(wish).write_signin(out, "http", from.head()); }),
            each.location
        );
    }
}

TEST(external_auth, tells_requests_apart_by_the_parts_of_the_key) {
    const auto key = [](std::vector<model::auth_key_part> parts, const request& from) {
        model::external_auth wish;
        wish.cache_key = std::move(parts);
        return external_auth(wish).key_of(from.head(), "shop.test", "/a", *parse_ip("192.0.2.1"));
    };
    const model::auth_key_part header{kind::header, "Authorization"}, cookie{kind::cookie, "sid"};
    const request none("/a"), ann("/a", {{"authorization", "ann"}}), bob("/a", {{"Authorization", "bob"}}),
        empty("/a", {{"Authorization", ""}}), session("/a", {{"Cookie", "x=1; sid=ann"}}),
        two("/a", {{"Authorization", "an"}, {"Authorization", "n"}}), post("/a", {}, "POST");
    EXPECT_EQ(key({header}, ann), key({header}, ann));
    EXPECT_EQ(key({header}, none), key({header}, session));
    std::set<auth_key> all{key({header}, none),        key({header}, ann),        key({header}, bob),
                           key({header}, empty),       key({header}, two),        key({cookie}, session),
                           key({header, cookie}, ann), key({cookie, header}, ann)};
    EXPECT_EQ(all.size(), 8U);
    // Lines of one header are not taken for those of the next one, whatever they hold.
    const model::auth_key_part a{kind::header, "A"}, b{kind::header, "B"};
    const request left("/", {{"A", "1"}, {"A", "|"}, {"A", "2"}, {"B", "3"}}),
        right("/", {{"A", "1"}, {"B", "2"}, {"B", "|"}, {"B", "3"}});
    EXPECT_NE(key({a, b}, left), key({a, b}, right));
    EXPECT_EQ(key({{kind::method, ""}}, none), key({{kind::method, ""}}, ann));
    EXPECT_NE(key({{kind::method, ""}}, none), key({{kind::method, ""}}, post));
    EXPECT_NE(key({{kind::host, ""}}, none), key({{kind::path, ""}}, none));
    EXPECT_NE(key({{kind::address, ""}}, none), key({{kind::path, ""}}, none));
}

auth_key numbered(unsigned char n) {
    auth_key out{};
    out[0] = n;
    return out;
}

TEST(auth_cache, forgets_in_time) {
    auth_cache cache;
    EXPECT_EQ(cache.find(numbered(1), 0), nullptr);
    cache.put(numbered(1), auth_verdict::allowed, "X-User: ann\r\n", "", 100);
    const auto* found = cache.find(numbered(1), 99);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->upstream_lines(), "X-User: ann\r\n");
    EXPECT_EQ(found->client_lines(), "");
    EXPECT_EQ(cache.find(numbered(1), 100), nullptr);
    cache.put(numbered(1), auth_verdict::unauthorised, "", "WWW-Authenticate: Basic\r\n", 200);
    found = cache.find(numbered(1), 100);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->verdict, auth_verdict::unauthorised);
    EXPECT_EQ(found->client_lines(), "WWW-Authenticate: Basic\r\n");
    EXPECT_EQ(cache.size(), 1U);
    cache.clear();
    EXPECT_EQ(cache.find(numbered(1), 100), nullptr);
}

TEST(auth_cache, keeps_no_more_than_it_may) {
    auth_cache cache(3);
    for (unsigned char n = 1; n <= 5; ++n) cache.put(numbered(n), auth_verdict::allowed, "", "", 100);
    EXPECT_EQ(cache.size(), 3U);
    EXPECT_EQ(cache.find(numbered(2), 0), nullptr);
    for (unsigned char n = 3; n <= 5; ++n) EXPECT_NE(cache.find(numbered(n), 0), nullptr) << int{n};
    cache.put(numbered(6), auth_verdict::allowed, std::string(auth_cache::longest_text + 1, 'x'), "", 100);
    EXPECT_EQ(cache.find(numbered(6), 0), nullptr);
    EXPECT_EQ(cache.size(), 3U);
}

} // namespace
} // namespace adit::policy
