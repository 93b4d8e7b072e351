#include "cli/memory_watch.hpp"

#include <gtest/gtest.h>

namespace adit::cli {
namespace {

TEST(memory_gate, begins_at_the_ceiling_and_ends_below_it) {
    memory_gate gate;
    EXPECT_FALSE(gate.measured(1'000'000)) << "without a ceiling nothing is too much";
    gate.ceiling(1000);
    const struct {
        std::uint64_t resident;
        bool sheds;
    } steps[]{{0, false},   {999, false}, {1000, true}, {5000, true}, {951, true},
              {950, false}, {999, false}, {1001, true}, {0, false}};
    bool before = false;
    for (const auto& one : steps) {
        EXPECT_EQ(gate.measured(one.resident), one.sheds != before) << one.resident;
        EXPECT_EQ(gate.shedding(), one.sheds) << one.resident;
        before = one.sheds;
    }
    gate.measured(2000);
    gate.ceiling(0);
    EXPECT_TRUE(gate.measured(2000)) << "lifted";
    EXPECT_FALSE(gate.shedding());
}

} // namespace
} // namespace adit::cli
