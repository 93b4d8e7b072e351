#include "net/descriptors.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace adit::net {
namespace {

TEST(descriptors, are_kept_back_for_what_is_under_way) {
    const struct {
        std::uint64_t limit;
        int ceiling;
    } cases[]{
        {16, 8},
        {64, 32},
        {256, 224},
        {1024, 896},
        {65536, 57344},
        {131072, 114688},
        {1048576, 1032192},
        {std::uint64_t{1} << 40, std::numeric_limits<int>::max()}};
    for (const auto& one : cases) EXPECT_EQ(make_budget(one.limit).ceiling, one.ceiling) << one.limit;
    EXPECT_EQ(make_budget(1024).limit, 1024u);
}

TEST(descriptors, are_needed_on_both_sides) {
    EXPECT_EQ(descriptors_for(1000), 2064u);
}

TEST(descriptors, rise_to_what_is_allowed) {
    const auto budget = raise_descriptor_limit();
    EXPECT_GT(budget.limit, 0u);
    EXPECT_EQ(raise_descriptor_limit().limit, budget.limit) << "there is nothing left to raise";
}

} // namespace
} // namespace adit::net
