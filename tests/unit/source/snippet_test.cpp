#include "source/ingress/snippet.hpp"

#include "source/ingress/annotations.hpp"
#include "source/ingress/known_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace adit::source::ingress {
namespace {

// "name word word {name word} …": directives in their order, "!" behind what could not be read to its end.
std::string told(const std::vector<directive>& all) {
    std::string out;
    for (const auto& one : all) {
        for (const auto& word : one.words) out += (out.empty() || out.ends_with('{') ? "" : " ") + word;
        if (one.has_block) out += " {" + told(one.block) + '}';
        out += ';';
    }
    return out;
}
std::string told(std::string_view text) {
    const auto read = parse_snippet(text);
    return told(read.directives) + (read.whole ? "" : "!");
}

TEST(snippet, is_split_as_nginx_does) {
    EXPECT_EQ(told(""), "");
    EXPECT_EQ(told("  # nothing; here\n"), "");
    EXPECT_EQ(told("a b; # c;\nd 'e f' \"g\\\"h\";"), "a b; d e f g\"h;");
    EXPECT_EQ(
        told("if ($host = \"x.test\") { return 301 https://y.test$request_uri; }"),
        "if ($host = x.test) {return 301 https://y.test$request_uri;};"
    );
    EXPECT_EQ(told("set $a ${b}c;"), "set $a ${b}c;");
    EXPECT_EQ(told("location ~ \\.git{deny all;}"), "location ~ \\.git {deny all;};");
    EXPECT_EQ(told("last one"), "last one;");
}

TEST(snippet, what_cannot_be_read_ends_the_reading_and_nothing_else) {
    EXPECT_EQ(told("a b; c 'd"), "a b;!");
    EXPECT_EQ(told("a b; }"), "a b;!");
    EXPECT_EQ(told("a b; c {"), "a b;!");
    EXPECT_EQ(told("a b; content_by_lua_block { ngx.say('}') }"), "a b;!");
    EXPECT_EQ(told(std::string(10'000, '{')), "!");
    std::string deep;
    for (int i = 0; i < 10'000; ++i) deep += "a {";
    EXPECT_EQ(told(deep), "!");
    const auto many = parse_snippet([] {
        std::string text;
        for (int i = 0; i < 2'000; ++i) text += "a;";
        return text;
    }());
    EXPECT_EQ(many.directives.size(), 500U);
    EXPECT_FALSE(many.whole);
    EXPECT_FALSE(parse_snippet(std::string(1024 * 1024, 'x')).whole);
}

struct advised {
    const char* text;
    const char*
        instead; // a part of what is said of the first directive; "" = nothing does it; "-" = needless
};
constexpr advised samples[] = {
    {"more_set_headers \"X-Frame-Options: DENY\";", "`custom-headers`"},
    {"more_set_headers -s '404' 'X-A: b';", "`custom-headers`"},
    {"add_header X-Robots-Tag noindex always;", "`custom-headers`"},
    {"add_header Access-Control-Allow-Origin *;", "`enable-cors`"},
    {"add_header Strict-Transport-Security max-age=1;", "`hsts`"},
    {"more_clear_headers Server;", "`hide-headers`"},
    {"proxy_hide_header X-Powered-By;", "`hide-headers`"},
    {"proxy_set_header Host inner.test;", "`upstream-vhost`"},
    {"proxy_set_header Upgrade $http_upgrade;", "-"},
    {"proxy_set_header X-Tenant a;", "`proxy-set-headers`"},
    {"rewrite ^/a(.*)$ /b$1 break;", "`rewrite-target`"},
    {"rewrite ^/a$ /b permanent;", "`permanent-redirect`"},
    {"rewrite ^ https://new.test$request_uri? redirect;", "`temporal-redirect`"},
    {"return 301 https://new.test;", "`permanent-redirect`"},
    {"return https://new.test;", "`temporal-redirect`"},
    {"return 403;", "`denylist-source-range: 0.0.0.0/0,::/0`"},
    {"return 204;", "a Service"},
    {"allow 10.0.0.0/8; deny all;", "`allowlist-source-range`"},
    {"deny 192.0.2.7;", "`denylist-source-range`"},
    {"location ~* /\\.(git|env) { deny all; }", "`denylist-source-range: 0.0.0.0/0,::/0`"},
    {"location = /metrics { return 404; }", "an Ingress of its own"},
    {"if ($http_x_forwarded_proto = 'http') { return 301 https://$host$request_uri; }",
     "`force-ssl-redirect`"},
    {"if ($host = 'www.x.test') { return 301 https://x.test$request_uri; }", "`from-to-www-redirect`"},
    {"if ($request_method = OPTIONS) { return 204; }", "`enable-cors`"},
    {"if ($http_user_agent ~* bot) { return 403; }", ""},
    {"client_max_body_size 10m;", "`proxy-body-size`"},
    {"proxy_read_timeout 300;", "`proxy-read-timeout`"},
    {"proxy_next_upstream error;", "`proxy-next-upstream`"},
    {"limit_req zone=a burst=5;", "`limit-rps`"},
    {"auth_basic off;", "`auth-type: basic`"},
    {"auth_request /auth;", "`auth-url`"},
    {"error_page 404 /404.html;", "`custom-http-errors`"},
    {"keepalive_timeout 5;", "`keep-alive`"},
    {"ssl_protocols TLSv1.3;", "`ssl-protocols`"},
    {"set_real_ip_from 10.0.0.0/8;", "`proxy-real-ip-cidr`"},
    {"underscores_in_headers on;", "`enable-underscores-in-headers`"},
    {"large_client_header_buffers 4 32k;", "-"},
    {"set $a b;", "-"},
    {"sub_filter a b;", ""},
};

TEST(snippet, common_directives_have_an_annotation_or_a_key) {
    for (const auto& one : samples) {
        const auto all = advise(parse_snippet(one.text));
        ASSERT_EQ(all.size(), 1U) << one.text;
        const std::string wanted = one.instead;
        EXPECT_EQ(all[0].needless, wanted == "-") << one.text << ": " << all[0].instead;
        if (wanted == "-") continue;
        EXPECT_EQ(all[0].instead.empty(), wanted.empty()) << one.text << ": " << all[0].instead;
        EXPECT_NE(all[0].instead.find(wanted), std::string::npos) << one.text << ": " << all[0].instead;
    }
}

// Whatever stands in backticks must be there, and do something.
TEST(snippet, advice_names_what_is_supported) {
    for (const auto& one : samples)
        for (const auto& said : advise(parse_snippet(one.text)))
            for (std::size_t at = 0; (at = said.instead.find('`', at)) != std::string::npos;) {
                const auto end = said.instead.find('`', ++at);
                ASSERT_NE(end, std::string::npos) << said.instead;
                auto name = said.instead.substr(at, end - at);
                name = name.substr(0, name.find(':'));
                at = end + 1;
                const auto* annotation = find_annotation(name);
                const auto keys = known_keys();
                const bool is_key = std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
                    return key.name == name && key.what == known_key::effect::honoured;
                });
                EXPECT_TRUE(is_key || (annotation && annotation->how != support::no)) << name;
            }
}

TEST(snippet, a_location_that_does_more_tells_what) {
    const auto all = advise(parse_snippet("location /a { proxy_pass http://b; add_header X-A b; }"));
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].what, "location /a");
    EXPECT_EQ(all[1].what, "proxy_pass http://b");
    EXPECT_EQ(all[2].what, "add_header X-A");
}

} // namespace
} // namespace adit::source::ingress
