#include "route/normalise.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace adit::route {
namespace {

struct path_case {
    std::string raw;
    std::string normal; // "" = refused; no path is empty
};

TEST(normalise_path, decodes_merges_and_resolves) {
    const std::vector<path_case> cases{
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"*", "*"},
        {"//", "/"},
        {"/a//b///c", "/a/b/c"},
        {"/a/./b", "/a/b"},
        {"/a/.", "/a/"},
        {"/./", "/"},
        {"/a/b/..", "/a/"},
        {"/a/../b", "/b"},
        {"/a/b/../../c", "/c"},
        {"/a//../b", "/b"},
        {"/a/..", "/"},
        {"/...", "/..."},
        {"/a/..b", "/a/..b"},
        {"/a/b..", "/a/b.."},
        {"/.well-known/x", "/.well-known/x"},
        {"/%41%62", "/Ab"},
        {"/a%20b", "/a b"},
        {"/a%2Fb", "/a/b"},
        {"/a%2f%2fb", "/a/b"},
        {"/x/%2e%2E/admin", "/admin"},
        {"/x%2f..%2fadmin", "/admin"},
        {"/%252e%252e/x", "/%2e%2e/x"}, // once, not twice
        {"/a%3Fb", "/a?b"},
        {"/a%ff", "/a\xff"},
        {"/a+b;c=d", "/a+b;c=d"},
        {"/..", "/"},
        {"/../a", "/a"},
        {"/a/../../b", "/b"},
        {"/%2e%2e", "/"},
        {"/a/..%2f..", "/"},
        {"/%", ""},
        {"/%4", ""},
        {"/%4g", ""},
        {"/%g4", ""},
        {"/a%00b", ""},
        {"", ""},
        {"a", ""},
        {"http://x/", ""},
    };
    for (const auto& one : cases) {
        std::string scratch(one.raw.size(), '#');
        const auto got = normalise_path(one.raw, scratch);
        EXPECT_EQ(got.value_or(""), one.normal) << one.raw;
    }
}

TEST(normalise_path, keeps_the_bytes_where_they_are_if_nothing_changes) {
    const std::string raw = "/api/v1/orders";
    const auto got = normalise_path(raw, {});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->data(), raw.data());
}

TEST(normalise_path, refuses_a_scratch_that_is_too_small) {
    std::array<char, 3> scratch;
    EXPECT_FALSE(normalise_path("/a//b", scratch));
}

TEST(normalise_host, lowers_and_strips) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"shop.test", "shop.test"},
        {"Shop.TEST", "shop.test"},
        {"shop.test:8080", "shop.test"},
        {"shop.test.", "shop.test"},
        {"SHOP.test.:80", "shop.test"},
        {"shop.test..", "shop.test."},
        {"[::1]", "[::1]"},
        {"[::1]:80", "[::1]"},
        {"[FE80::A]:80", "[fe80::a]"},
        {"10.0.0.1:80", "10.0.0.1"},
        {"", ""},
        {":80", ""},
        {".", ""},
    };
    for (const auto& [raw, normal] : cases) {
        std::array<char, max_host> scratch;
        EXPECT_EQ(normalise_host(raw, scratch), normal) << raw;
    }
}

TEST(normalise_host, a_name_that_is_too_long_is_no_name) {
    std::array<char, 512> scratch;
    EXPECT_EQ(normalise_host(std::string(255, 'a') + ":80", scratch).size(), 255U);
    EXPECT_EQ(normalise_host(std::string(256, 'a'), scratch), "");
}

} // namespace
} // namespace adit::route
