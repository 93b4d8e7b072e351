#include "core/random.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace adit {
namespace {

TEST(random_source, a_seed_is_a_sequence) {
    random_source a(42);
    random_source b(42);
    random_source c(43);
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const auto value = a.next();
        EXPECT_EQ(value, b.next());
        differs = differs || value != c.next();
    }
    EXPECT_TRUE(differs);
}

TEST(random_source, the_kernel_seeds_each_differently) {
    random_source a;
    random_source b;
    EXPECT_NE(a.next(), b.next());
}

// xoshiro256** from splitmix64(0), worked out apart from this program by the authors' published definitions.
TEST(random_source, is_the_published_generator) {
    random_source zero(std::uint64_t{0});
    EXPECT_EQ(zero.next(), 0x99ec5f36cb75f2b4u);
    EXPECT_EQ(zero.next(), 0xbf6e1f784956452au);
}

TEST(random_source, below_is_even) {
    random_source source(7);
    constexpr std::uint32_t sides = 10;
    constexpr int throws = 100'000;
    std::vector<int> seen(sides);
    for (int i = 0; i < throws; ++i) {
        const auto value = source.below(sides);
        ASSERT_LT(value, sides);
        ++seen[value];
    }
    double chi_squared = 0;
    for (const int count : seen) {
        const double away = count - throws / double(sides);
        chi_squared += away * away / (throws / double(sides));
    }
    EXPECT_LT(chi_squared, 27.88); // 9 degrees of freedom, p = 0.001; the seed is fixed
}

TEST(random_source, below_at_its_ends) {
    random_source source(7);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(source.below(1), 0u);
        EXPECT_LT(source.below(0xffffffff), 0xffffffffu);
        EXPECT_LT(source.below(0x80000001), 0x80000001u);
    }
}

} // namespace
} // namespace adit
