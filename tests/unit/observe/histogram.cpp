#include "observe/histogram.hpp"

#include "observe/totals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

namespace adit::observe {
namespace {

using scale = histogram_scale;

// The same by division, slowly.
std::size_t expected_bucket(std::uint64_t ns) {
    if (ns <= 1000) return 0;
    if (ns > 1'000'000'000'000) return scale::buckets - 1;
    std::size_t bucket = 1;
    for (std::uint64_t power = 1000; power < scale::highest; power *= 10)
        for (std::uint64_t quarter = 5; quarter <= 40; ++quarter, ++bucket)
            if (ns <= power / 4 * quarter) return bucket;
    return scale::buckets - 1;
}

TEST(histogram_scale, bounds_ascend_and_meet) {
    for (std::size_t i = 1; i < scale::buckets; ++i) {
        EXPECT_GT(scale::upper_bound(i), scale::upper_bound(i - 1)) << i;
        EXPECT_EQ(scale::lower_bound(i), scale::upper_bound(i - 1)) << i;
    }
    EXPECT_EQ(scale::upper_bound(1), 1250u);
    EXPECT_EQ(scale::upper_bound(36), 10'000u);
    EXPECT_EQ(scale::upper_bound(scale::buckets - 2), scale::highest);
}

TEST(histogram_scale, every_bound_is_the_last_value_of_its_bucket) {
    for (std::size_t i = 0; i + 1 < scale::buckets; ++i) {
        const auto bound = scale::upper_bound(i);
        for (const auto ns : {bound - 1, bound, bound + 1})
            EXPECT_EQ(scale::bucket_of(ns), expected_bucket(ns)) << ns;
        EXPECT_EQ(scale::bucket_of(bound), i);
        EXPECT_EQ(scale::bucket_of(bound + 1), i + 1);
    }
}

TEST(histogram_scale, agrees_with_division_over_the_whole_range) {
    for (std::uint64_t ns = 1; ns < 2'000'000'000'000; ns += ns / 97 + 1)
        ASSERT_EQ(scale::bucket_of(ns), expected_bucket(ns)) << ns;
}

TEST(histogram_scale, ends_of_the_range) {
    EXPECT_EQ(scale::bucket_of(0), 0u);
    EXPECT_EQ(scale::bucket_of(1), 0u);
    EXPECT_EQ(scale::bucket_of(std::numeric_limits<std::uint64_t>::max()), scale::buckets - 1);
}

TEST(histogram_scale, has_every_exposed_bound) {
    std::set<std::uint64_t> bounds;
    for (std::size_t i = 0; i < scale::buckets; ++i) bounds.insert(scale::upper_bound(i));
    for (const auto bound : duration_bounds) EXPECT_TRUE(bounds.count(bound)) << bound;
    for (const auto bound : lag_bounds) EXPECT_TRUE(bounds.count(bound)) << bound;
}

TEST(histogram_counts, are_empty_at_first) {
    const histogram one;
    const histogram_counts counts(one);
    EXPECT_EQ(counts.count(), 0u);
    EXPECT_EQ(counts.quantile(0.5), 0);
    EXPECT_EQ(counts.at_most(scale::highest), 0u);
}

TEST(histogram_counts, at_most_includes_the_bound) {
    histogram one;
    one.record(5'000'000);
    one.record(5'000'001);
    one.record(2'000'000'000'000);
    const histogram_counts counts(one);
    EXPECT_EQ(counts.count(), 3u);
    EXPECT_EQ(counts.sum_ns(), 2'000'010'000'001u);
    EXPECT_EQ(counts.at_most(5'000'000), 1u);
    EXPECT_EQ(counts.at_most(10'000'000), 2u);
    EXPECT_EQ(counts.at_most(scale::highest), 2u);
}

TEST(histogram_counts, quantiles_are_within_a_bucket) {
    histogram one;
    for (std::uint64_t i = 1; i <= 100'000; ++i) one.record(i * 1'000); // 1 µs … 100 ms, evenly
    const histogram_counts counts(one);
    for (const double q : {0.01, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0})
        EXPECT_NEAR(counts.quantile(q), q * 1e8, q * 1e8 * 0.03) << q;
    EXPECT_LE(counts.quantile(-1), 1'250.0);
    EXPECT_NEAR(counts.quantile(2), 1e8, 1);
}

TEST(histogram_counts, a_quantile_above_the_scale_is_its_end) {
    histogram one;
    one.record(5'000'000'000'000);
    EXPECT_EQ(histogram_counts(one).quantile(0.5), 1e12);
}

TEST(histogram_counts, merge_and_subtract) {
    histogram a;
    histogram b;
    a.record(2'000);
    b.record(2'000);
    b.record(3'000'000);
    histogram_counts sum(a);
    sum += b;
    EXPECT_EQ(sum.count(), 3u);
    auto later = sum;
    later += histogram_counts(a);
    later -= sum;
    EXPECT_EQ(later.count(), 1u);
    EXPECT_EQ(later.sum_ns(), 2'000u);
    auto never_below_nothing = histogram_counts(a);
    never_below_nothing -= sum;
    EXPECT_EQ(never_below_nothing.count(), 0u);
    EXPECT_EQ(never_below_nothing.sum_ns(), 0u);
}

TEST(cut_histogram, keeps_exact_counts_at_each_bound) {
    histogram one;
    for (const auto bound : duration_bounds) {
        one.record(bound);
        one.record(bound + 1);
    }
    duration_cut cut;
    cut.add(one, duration_bounds);
    EXPECT_EQ(cut.cells[0], 1u);
    for (std::size_t i = 1; i < duration_bounds.size(); ++i) EXPECT_EQ(cut.cells[i], 2u) << i;
    EXPECT_EQ(cut.cells[duration_bounds.size()], 1u);
}

} // namespace
} // namespace adit::observe
