#include "upstream/retry_budget.hpp"

#include <gtest/gtest.h>

namespace adit::upstream {
namespace {

TEST(retry_budget, is_a_share_of_what_is_under_way) {
    struct {
        std::uint32_t active, percent, least, places;
    } const cases[]{
        {0, 20, 3, 3},    {1, 20, 3, 3},  {15, 20, 3, 3},       {19, 20, 3, 3},     {20, 20, 3, 4},
        {100, 20, 3, 20}, {100, 0, 3, 3}, {100, 0, 0, 0},       {100, 100, 0, 100}, {4, 20, 0, 0},
        {5, 20, 0, 1},    {7, 50, 1, 3},  {1000, 20, 500, 500},
    };
    for (const auto& one : cases) {
        retry_budget budget;
        for (std::uint32_t i = 0; i < one.active; ++i) budget.enter();
        std::uint32_t taken = 0;
        while (taken < 2000 && budget.take(one.percent, one.least)) ++taken;
        EXPECT_EQ(taken, one.places) << one.active << " under way, " << one.percent << " %, " << one.least;
        EXPECT_EQ(budget.retrying(), taken);
    }
}

TEST(retry_budget, shrinks_and_grows_with_the_load) {
    retry_budget budget;
    for (int i = 0; i < 50; ++i) budget.enter();
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take(20, 0));
    EXPECT_FALSE(budget.take(20, 0));
    budget.give_back();
    EXPECT_TRUE(budget.take(20, 0));
    for (int i = 0; i < 30; ++i) budget.leave();
    EXPECT_EQ(budget.active(), 20u);
    // Those that are under way go on; a new one waits until fewer are left than 20 % of what there is now.
    for (int i = 0; i < 6; ++i) budget.give_back();
    EXPECT_FALSE(budget.take(20, 0));
    budget.give_back();
    EXPECT_TRUE(budget.take(20, 0));
}

} // namespace
} // namespace adit::upstream
