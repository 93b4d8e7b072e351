#include "upstream/request_key.hpp"
#include "upstream/ring.hpp"
#include "upstream/sticky.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::upstream {
namespace {

using namespace std::chrono_literals;

TEST(a_sticky_cookie, is_written_with_what_the_route_says) {
    struct row {
        void (*change)(model::sticky&);
        std::string_view tag;
        bool secure;
        std::string_view wanted;
    };
    const row rows[]{
        {[](auto&) {}, "", false, "adit-endpoint=0123456789abcdef; Path=/; HttpOnly; SameSite=Lax"},
        {[](auto&) {}, "", true, "adit-endpoint=0123456789abcdef; Path=/; HttpOnly; SameSite=Lax; Secure"},
        {[](auto& wish) {
             wish.cookie = "INGRESSCOOKIE";
             wish.site = model::sticky::same_site::unsaid;
             wish.path = "/shop";
         },
         "8f3c", false, "INGRESSCOOKIE=0123456789abcdef|8f3c; Path=/shop; HttpOnly"},
        {[](auto& wish) {
             wish.ttl = 90s;
             wish.domain = "shop.test";
             wish.site = model::sticky::same_site::none;
             wish.secure = true;
         },
         "", false,
         "adit-endpoint=0123456789abcdef; Path=/; Domain=shop.test; Max-Age=90; HttpOnly; SameSite=None; "
         "Secure"},
        {[](auto& wish) {
             wish.expires = 2h;
             wish.ttl = 1h;
         },
         "stable", true,
         "adit-endpoint=0123456789abcdef|stable; Path=/; Expires=Sun, 06 Nov 1994 10:49:37 GMT; "
         "Max-Age=3600; HttpOnly; SameSite=Lax; Secure"},
        {[](auto& wish) { wish.site = model::sticky::same_site::strict; }, "", false,
         "adit-endpoint=0123456789abcdef; Path=/; HttpOnly; SameSite=Strict"},
    };
    for (const auto& one : rows) {
        model::sticky wish;
        one.change(wish);
        char room[sticky_cookie_capacity];
        EXPECT_EQ(
            write_sticky_cookie(
                wish, to_sticky_value(0x0123456789abcdef),
                {.tag = one.tag, .secure = one.secure, .now = 784'111'777s}, room
            ),
            one.wanted
        );
    }
    char little[20];
    EXPECT_EQ(write_sticky_cookie({}, to_sticky_value(1), {}, little), "");
}

TEST(a_sticky_cookie, is_read_up_to_the_backend_that_ingress_nginx_names) {
    const std::pair<const char*, std::string_view> rows[]{
        {"adit-endpoint=abc", "abc"},
        {"a=b; adit-endpoint=abc|def; c=d", "abc"},
        {"adit-endpoint=|def", ""},
        {"other=abc", ""},
    };
    for (const auto& [cookies, wanted] : rows) {
        const tests::request one{"/", {{"Cookie", cookies}}};
        EXPECT_EQ(sticky_key(one.head(), {}), wanted) << cookies;
    }
    EXPECT_EQ(sticky_key(tests::request{"/"}.head(), {}).data(), nullptr);
}

TEST(a_sticky_value, is_read_as_it_is_written) {
    for (const std::uint64_t one : {std::uint64_t{0}, std::uint64_t{0x0123456789abcdef}, UINT64_MAX}) {
        const auto text = to_sticky_value(one);
        EXPECT_EQ(parse_sticky_value({text.data(), text.size()}), one);
    }
    for (const char* text :
         {"", "0", "0123456789abcdeF", "0123456789abcdef0", "0123456789abcde ", "-123456789abcdef"})
        EXPECT_EQ(parse_sticky_value(text), std::nullopt) << text;
}

TEST(a_request_key, is_what_the_route_names) {
    using hash_by = model::balance::hash_by;
    model::balance by;
    const auto key = [&](hash_by what, const char* name = "", std::string_view target = "/a?b=c") {
        by.key = what;
        by.key_name = name;
        const tests::request one{target, {{"X-User", "me"}, {"Cookie", "s=1; t=2"}}};
        return request_key(one.head(), by, parse_ip("192.0.2.7").value());
    };
    EXPECT_EQ(key(hash_by::header, "x-user"), hash_key("me"));
    EXPECT_EQ(key(hash_by::header, "X-Other"), std::nullopt);
    EXPECT_EQ(key(hash_by::cookie, "t"), hash_key("2"));
    EXPECT_EQ(key(hash_by::cookie, "u"), std::nullopt);
    EXPECT_NE(key(hash_by::address), std::nullopt);
    const auto uri = key(hash_by::uri);
    EXPECT_EQ(key(hash_by::uri), uri);
    EXPECT_NE(key(hash_by::uri, "", "/a?b=d"), uri);
    EXPECT_NE(key(hash_by::uri, "", "/b?b=c"), uri);
    EXPECT_NE(key(hash_by::uri, "", "/a"), uri);
}

} // namespace
} // namespace adit::upstream
