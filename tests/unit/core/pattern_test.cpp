#include "core/pattern.hpp"
#include "core/text_test.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace adit {
namespace {

pattern make(std::string_view text, pattern::options how = {}) {
    auto out = pattern::compile(text, how);
    if (const auto* failed = std::get_if<pattern::failure>(&out)) ADD_FAILURE() << failed->message;
    return std::move(std::get<pattern>(out));
}

using verdict = pattern::verdict;

TEST(pattern, searches_anywhere_with_case_unless_told_otherwise) {
    EXPECT_EQ(make("b+").search("abbc"), verdict::match);
    EXPECT_EQ(make("B+").search("abbc"), verdict::no_match);
    EXPECT_EQ(make("B+", {.caseless = true}).search("abbc"), verdict::match);
    EXPECT_EQ(make("b+", {.anchored_start = true}).search("abbc"), verdict::no_match);
    EXPECT_EQ(make("ab|b", {.anchored_start = true}).search("bc"), verdict::match);
    EXPECT_EQ(make("(?-i)B", {.caseless = true}).search("b"), verdict::no_match);
}

TEST(pattern, knows_what_re2_does_not) {
    EXPECT_EQ(make("^(?!admin).*$").search("user"), verdict::match);
    EXPECT_EQ(make("^(?!admin).*$").search("admin"), verdict::no_match);
    EXPECT_EQ(make("^(.)\\1$").search("aa"), verdict::match);
    EXPECT_EQ(make("^(.)\\1$").search("ab"), verdict::no_match);
}

TEST(pattern, takes_empty_texts_and_any_bytes) {
    EXPECT_EQ(make("").search(""), verdict::match);
    EXPECT_EQ(make("").search(std::string_view{}), verdict::match);
    EXPECT_EQ(make(std::string_view{}).search("x"), verdict::match);
    EXPECT_EQ(make("^.{3}$").search(std::string_view("\0\xff\x80", 3)), verdict::match);
}

TEST(pattern, failures_say_what_and_where) {
    const auto failed = std::get<pattern::failure>(pattern::compile("ab(c"));
    EXPECT_EQ(failed.message, "missing closing parenthesis");
    EXPECT_EQ(failed.offset, 4U);
    EXPECT_TRUE(
        std::holds_alternative<pattern::failure>(pattern::compile(std::string(pattern::max_size + 1, 'a')))
    );
    EXPECT_TRUE(std::holds_alternative<pattern>(pattern::compile(std::string(pattern::max_size, 'a'))));
}

TEST(pattern, a_search_that_runs_away_ends_in_an_error) {
    const auto bomb = make("^(a|aa|b)*\\1$");
    EXPECT_EQ(bomb.search(std::string(200, 'a') + "!"), verdict::error);
    EXPECT_EQ(bomb.search("aa"), verdict::match); // and leaves nothing behind
    EXPECT_FALSE(text_test::regex(make("^(a|aa|b)*\\1$")).holds(std::string(200, 'a') + "!"));
}

TEST(pattern, is_shared_by_threads) {
    const auto shared = make("^(?<year>[0-9]{4})-[0-9]{2}$");
    std::atomic<int> matches = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 500; ++n)
                    matches += shared.search(n % 2 ? "2026-11" : "2026-1x") == verdict::match;
            });
    }
    EXPECT_EQ(matches, 1000);
}

TEST(text_test, tells_absent_from_empty) {
    const auto value = std::string_view("");
    const std::string_view absent;
    EXPECT_TRUE(text_test::present().holds(value));
    EXPECT_FALSE(text_test::present().holds(absent));
    EXPECT_TRUE(text_test::exact("").holds(value));
    EXPECT_FALSE(text_test::exact("").holds(absent));
    EXPECT_FALSE(text_test::exact("a").holds("A"));
    EXPECT_TRUE(text_test::regex(make("^$")).holds(value));
    EXPECT_FALSE(text_test::regex(make("^$")).holds(absent));
}

TEST(pattern, tells_what_its_groups_captured) {
    const auto shop = make("/(?<name>\\w+)(?:/(\\d+))?(x)?");
    EXPECT_EQ(shop.group_count(), 3U);
    EXPECT_EQ(shop.group_number("name"), 1U);
    EXPECT_EQ(shop.group_number("other"), std::nullopt);
    pattern::groups groups;
    ASSERT_EQ(shop.search("/a/42", groups), verdict::match);
    EXPECT_EQ(groups[0], "/a/42");
    EXPECT_EQ(groups[1], "a");
    EXPECT_EQ(groups[2], "42");
    EXPECT_EQ(groups[3].data(), nullptr);
    // Nothing is left of an earlier search.
    ASSERT_EQ(shop.search("/b", groups), verdict::match);
    EXPECT_EQ(groups[1], "b");
    EXPECT_EQ(groups[2].data(), nullptr);
    EXPECT_EQ(shop.search("-", groups), verdict::no_match);
    EXPECT_EQ(make("(a+)+$").search(std::string(4000, 'a') + "!", groups), verdict::error);
    EXPECT_EQ(make("^$").search({}, groups), verdict::match);
}

TEST(pattern, keeps_no_more_groups_than_it_has_room_for) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "(a)";
    pattern::groups groups;
    const std::string subject(40, 'a'); // groups are views of it
    ASSERT_EQ(make(text).search(subject, groups), verdict::match);
    EXPECT_EQ(groups[0].size(), 40U);
    EXPECT_EQ(groups[pattern::max_groups - 1], "a");
}

} // namespace
} // namespace adit
