#include "upstream/outlier.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::upstream {
namespace {

using namespace std::chrono_literals;
constexpr instant second = 1'000'000'000;

model::passive_health wish() {
    model::passive_health out;
    out.base_ejection = 10s;
    out.max_ejection = 35s;
    out.max_share = 50;
    return out;
}

TEST(an_outlier, is_ejected_unless_too_few_would_be_left) {
    using enum sentence;
    struct row {
        const char* what;
        crowd among;
        std::uint32_t share;
        sentence wanted;
    };
    const row rows[]{
        {"one of four", {4, 4, 0, true}, 50, ejected},
        {"the second of four", {4, 3, 1, true}, 50, ejected},
        {"the third of four", {4, 2, 2, true}, 50, share_reached},
        {"one of three may always be", {3, 3, 0, true}, 0, ejected},
        {"but not two", {3, 2, 1, true}, 0, share_reached},
        {"the only one of stable", {1, 1, 0, true}, 100, last_of_stable},
        {"the last of stable that is healthy", {3, 1, 2, true}, 100, last_of_stable},
        {"the only one of a canary", {1, 1, 0, false}, 50, ejected},
        {"the last of a canary", {2, 1, 1, false}, 100, ejected},
        {"the last of a canary within its share", {2, 1, 1, false}, 50, share_reached},
    };
    for (const auto& one : rows) {
        auto how = wish();
        how.max_share = one.share;
        outlier it;
        EXPECT_EQ(it.accuse(how, one.among, second), one.wanted) << one.what;
        EXPECT_EQ(it.ejected(), one.wanted == ejected) << one.what;
    }
}

TEST(an_outlier, stays_away_longer_each_time_until_it_has_behaved) {
    const crowd many{10, 10, 0, false};
    outlier it;
    instant now = 1000 * second;
    for (const int seconds : {10, 20, 30, 35, 35}) {
        EXPECT_EQ(it.accuse(wish(), many, now), sentence::ejected);
        EXPECT_EQ(it.accuse(wish(), many, now + second), sentence::again);
        EXPECT_EQ(it.until(), now + seconds * second);
        EXPECT_FALSE(it.may_return(it.until() - 1));
        EXPECT_TRUE(it.may_return(it.until()));
        now = it.until();
        it.give_back(now);
        EXPECT_FALSE(it.may_return(now));
        now += 5 * second;
    }
    EXPECT_EQ(it.row(), 5u);
    now += 35 * second;
    it.accuse(wish(), many, now);
    EXPECT_EQ(it.row(), 1u);
    EXPECT_EQ(it.until(), now + 10 * second);
}

TEST(rise_and_fall, change_the_verdict_after_so_many_answers_in_a_row) {
    // x: bad, o: good; a capital where the verdict changes.
    for (const std::string story : {"oooxxoxxXxxooxoooOooxxX", "xxXoxoOxxX"}) {
        rise_fall it;
        for (const char c : story) {
            const bool changes = c == 'X' || c == 'O';
            EXPECT_EQ(it.take(c == 'o' || c == 'O', story[0] == 'o' ? 4 : 2, 3), changes) << story;
            if (changes) {
                EXPECT_EQ(it.failing(), c == 'X');
            }
        }
    }
}

} // namespace
} // namespace adit::upstream
