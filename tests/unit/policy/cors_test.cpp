#include "policy/cors.hpp"

#include "compile.hpp"
#include "unit/support/request.hpp"

namespace adit::policy {
namespace {

model::cors wish(std::vector<std::string> origins) {
    model::cors out;
    out.origins = std::move(origins);
    out.methods = {"GET", "PUT"};
    out.headers = {"X-A", "X-B"};
    out.max_age = std::chrono::minutes(10);
    return out;
}

std::string
answered(const model::cors& of, const tests::request& request, const http::head* response = nullptr) {
    const cors made(of);
    return written([&](http::writer& out) { made.write(out, request.head(), response); });
}

std::string preflight(const model::cors& of, const tests::request& request) {
    const cors made(of);
    return written([&](http::writer& out) { made.write_preflight(out, request.head()); });
}

TEST(cors, knows_which_origins_are_allowed) {
    const auto with =
        wish({"https://app.test", "https://*.app.test:8443", "http://Other.test", "https://*.x.test"});
    const std::pair<std::string, bool> rows[]{
        {"https://app.test", true},
        {"https://APP.test", true},
        {"http://app.test", false},
        {"https://app.test:443", false},
        {"https://app.test.evil.test", false},
        {"https://evil-app.test", false},
        {"https://a.app.test:8443", true},
        {"https://a.app.test", false},
        {"https://a.b.app.test:8443", false},
        {"https://.app.test:8443", false},
        {"https://evil.test/.app.test:8443", false},
        {"http://other.test", true},
        {"https://x.test", false},
        {"https://a_b-c.x.test", true},
        {"null", false},
        {"", false},
    };
    for (const auto& [origin, wanted] : rows) {
        const auto got = answered(with, tests::request{"/", {{"Origin", origin}}});
        EXPECT_EQ(
            got,
            wanted ? "Vary: Origin\r\nAccess-Control-Allow-Origin: " + origin + "\r\n" : "Vary: Origin\r\n"
        ) << origin;
    }
}

TEST(cors, tells_caches_that_answers_differ_also_where_nobody_asks) {
    EXPECT_EQ(answered(wish({"https://app.test"}), tests::request{}), "Vary: Origin\r\n");
    EXPECT_EQ(answered(wish({"*"}), tests::request{}), "");
    for (const auto& [vary, wanted] :
         {std::pair{"Accept, origin", ""}, {"*", ""}, {"X-Origin", "Vary: Origin\r\n"}}) {
        const tests::request upstream{"/", {{"Vary", vary}}};
        EXPECT_EQ(answered(wish({"https://app.test"}), tests::request{}, &upstream.head()), wanted) << vary;
    }
}

TEST(cors, allows_everybody_with_a_star_but_names_who_brings_credentials) {
    auto with = wish({"*"});
    const tests::request app{"/", {{"Origin", "https://app.test"}}}, null{"/", {{"Origin", "null"}}};
    EXPECT_EQ(answered(with, app), "Access-Control-Allow-Origin: *\r\n");
    EXPECT_EQ(answered(with, null), "Access-Control-Allow-Origin: *\r\n");
    with.credentials = true;
    EXPECT_EQ(
        answered(with, app), "Vary: Origin\r\nAccess-Control-Allow-Origin: https://app.test\r\n"
                             "Access-Control-Allow-Credentials: true\r\n"
    );
    EXPECT_EQ(answered(with, null), "Vary: Origin\r\n");
    // Nothing is repeated that is no origin.
    for (const auto* odd : {"https://a.test b", "https://", "a\"b://c", "https://a.test/<script>", "x"})
        EXPECT_EQ(answered(with, tests::request{"/", {{"Origin", odd}}}), "Vary: Origin\r\n") << odd;
}

TEST(cors, lets_the_null_origin_in_by_name_only) {
    const tests::request null{"/", {{"Origin", "null"}}};
    EXPECT_EQ(answered(wish({"null"}), null), "Vary: Origin\r\nAccess-Control-Allow-Origin: null\r\n");
}

TEST(cors, exposes) {
    auto with = wish({"*"});
    with.expose = {"X-Total", "X-Next"};
    EXPECT_EQ(
        answered(with, tests::request{"/", {{"Origin", "https://a.test"}}}),
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: X-Total, X-Next\r\n"
    );
}

TEST(cors, tells_a_preflight) {
    using request = tests::request;
    const request::field_list asks{{"Origin", "https://a.test"}, {"Access-Control-Request-Method", "PUT"}};
    EXPECT_TRUE(cors::is_preflight(request("/", asks, "OPTIONS").head()));
    EXPECT_FALSE(cors::is_preflight(request("/", asks, "GET").head()));
    EXPECT_FALSE(cors::is_preflight(request("/", {asks[0]}, "OPTIONS").head()));
    EXPECT_FALSE(cors::is_preflight(request("/", {asks[1]}, "OPTIONS").head()));
}

TEST(cors, answers_preflights) {
    using request = tests::request;
    auto with = wish({"https://a.test"});
    EXPECT_EQ(
        preflight(with, request("/", {{"Origin", "https://a.test"}}, "OPTIONS")),
        "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.test\r\n"
        "Access-Control-Allow-Methods: GET, PUT\r\nAccess-Control-Allow-Headers: X-A, X-B\r\n"
        "Access-Control-Max-Age: 600\r\n"
    );
    EXPECT_EQ(preflight(with, request("/", {{"Origin", "https://b.test"}}, "OPTIONS")), "Vary: Origin\r\n");
    with = wish({"*"});
    with.headers = {"*"};
    for (const auto& [asked, wanted] :
         {std::pair{"x-a, x-b", "Access-Control-Allow-Headers: x-a, x-b\r\n"}, {"", ""}, {"x-a, b c", ""}})
        EXPECT_EQ(
            preflight(
                with,
                request(
                    "/", {{"Origin", "https://a.test"}, {"Access-Control-Request-Headers", asked}}, "OPTIONS"
                )
            ),
            std::string("Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: GET, PUT\r\n"
                        "Access-Control-Max-Age: 600\r\n"
            ) + wanted
        ) << asked;
}

TEST(cors, takes_out_what_an_upstream_says) {
    tests::request upstream{
        "/",
        {{"Access-Control-Allow-Origin", "*"},
         {"access-control-max-age", "1"},
         {"X-Access-Control-", "a"},
         {"Vary", "b"}}};
    cors::drop(upstream.head());
    EXPECT_EQ(
        written([&](http::writer& out) { out.kept_fields(upstream.head()); }),
        "X-Access-Control-: a\r\nVary: b\r\n"
    );
}

} // namespace
} // namespace adit::policy
