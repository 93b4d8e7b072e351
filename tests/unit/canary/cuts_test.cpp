#include "canary/cuts.hpp"
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace adit::canary {
namespace {

using weights = std::vector<std::uint32_t>;

TEST(cuts, without_weights_everything_is_stable) {
    const auto none = make_cuts(weights{}, 10'000);
    EXPECT_FALSE(none.any_weight());
    EXPECT_EQ(none.by_draw(0), 0);
    EXPECT_EQ(none.by_bucket(0), 0);
    EXPECT_EQ(none.weight_of(0), 10'000U);
    EXPECT_FALSE(cuts{}.any_weight());
    const auto zero = make_cuts(weights{0, 0}, 10'000);
    EXPECT_FALSE(zero.any_weight());
    EXPECT_EQ(zero.by_draw(0), 0);
    EXPECT_EQ(zero.by_bucket(9999), 0);
}

TEST(cuts, a_draw_counts_exactly_whatever_the_total) {
    for (const auto& [parts, total] : std::vector<std::pair<weights, std::uint32_t>>{
             {{1250}, 10'000}, {{1}, 3}, {{333, 333, 333}, 1000}, {{1, 0, 2, 0, 3}, 7}, {{1}, 30'011}}) {
        const auto now = make_cuts(parts, total);
        std::vector<std::uint32_t> counts(parts.size() + 1, 0);
        for (std::uint32_t draw = 0; draw < total; ++draw) ++counts[now.by_draw(draw)];
        for (std::size_t i = 0; i < parts.size(); ++i) {
            EXPECT_EQ(counts[i + 1], parts[i]) << "track " << i + 1 << " of " << total;
            EXPECT_EQ(now.weight_of(i + 1), parts[i]);
        }
        EXPECT_EQ(now.weight_of(0), counts[0]);
    }
}

TEST(cuts, what_exceeds_the_total_is_cut_off) {
    const auto over = make_cuts(weights{200, 50}, 100);
    EXPECT_EQ(over.weight_of(1), 100U);
    EXPECT_EQ(over.weight_of(2), 0U);
    EXPECT_EQ(over.weight_of(0), 0U);
    EXPECT_EQ(over.by_draw(99), 1);
    EXPECT_EQ(over.width_of(1), 10'000U);
    const auto later = make_cuts(weights{60, 0xffff'ffff}, 100);
    EXPECT_EQ(later.weight_of(2), 40U);
}

TEST(cuts, ranges_grow_from_both_ends) {
    const auto now = make_cuts(weights{500, 1000, 200, 100}, 10'000);
    const auto range = [&](std::size_t i) {
        return std::pair<int, int>(now.ranges[i].from, now.ranges[i].to);
    };
    EXPECT_EQ(range(1), std::pair(0, 500));
    EXPECT_EQ(range(2), std::pair(9000, 10'000));
    EXPECT_EQ(range(3), std::pair(500, 700));
    EXPECT_EQ(range(4), std::pair(700, 800));
    EXPECT_EQ(now.by_bucket(0), 1);
    EXPECT_EQ(now.by_bucket(499), 1);
    EXPECT_EQ(now.by_bucket(500), 3);
    EXPECT_EQ(now.by_bucket(799), 4);
    EXPECT_EQ(now.by_bucket(800), 0);
    EXPECT_EQ(now.by_bucket(8999), 0);
    EXPECT_EQ(now.by_bucket(9000), 2);
    EXPECT_EQ(now.by_bucket(9999), 2);
    EXPECT_EQ(now.width_of(0), 8200U);
}

TEST(cuts, the_first_two_canaries_do_not_move_each_other) {
    const auto before = make_cuts(weights{500, 1000}, 10'000);
    const auto after = make_cuts(weights{4000, 3000}, 10'000);
    for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket)
        if (before.by_bucket(bucket) != 0) {
            EXPECT_EQ(after.by_bucket(bucket), before.by_bucket(bucket));
        }
}

TEST(cuts, buckets_follow_the_weights_and_never_round_to_none) {
    EXPECT_EQ(make_cuts(weights{1}, 10'000).width_of(1), 1U);
    EXPECT_EQ(make_cuts(weights{1}, 1'000'000).width_of(1), 1U); // 0.0001 %
    EXPECT_EQ(make_cuts(weights{149}, 1'000'000).width_of(1), 1U);
    EXPECT_EQ(make_cuts(weights{150}, 1'000'000).width_of(1), 2U);
    EXPECT_EQ(make_cuts(weights{1}, 3).width_of(1), 3333U);
    EXPECT_EQ(make_cuts(weights{0xffff'fffe, 1}, 0xffff'ffff).width_of(2), 1U);
}

TEST(cuts, widths_always_cover_the_buckets_once) {
    random_source random(7);
    for (int round = 0; round < 2000; ++round) {
        weights parts(1 + random.below(model::max_tracks - 1));
        const auto total = 1 + random.below(round % 2 ? 20'000 : 30);
        for (auto& one : parts) one = random.below(3) ? random.below(total + 1) : 0;
        const auto now = make_cuts(parts, total);
        std::vector<std::uint32_t> counts(model::max_tracks, 0);
        for (std::uint32_t bucket = 0; bucket < bucket_count; ++bucket) ++counts[now.by_bucket(bucket)];
        for (std::size_t i = 0; i <= parts.size(); ++i) {
            ASSERT_EQ(counts[i], now.width_of(i));
            if (i > 0) {
                ASSERT_EQ(now.width_of(i) > 0, now.weight_of(i) > 0);
            }
        }
        if (now.weight_of(0) == 0) {
            ASSERT_EQ(counts[0], 0U);
        }
    }
}

TEST(cuts, of_a_route_skip_stable) {
    model::route route;
    route.tracks.resize(3);
    route.tracks[0].weight = {999}; // stable has none
    route.tracks[1].weight = {1250};
    route.tracks[2].weight = {1};
    const auto now = make_cuts(route, 42);
    EXPECT_EQ(now.tracks, 3);
    EXPECT_EQ(now.weight_of(0), 8749U);
    EXPECT_EQ(now.weight_of(1), 1250U);
    EXPECT_EQ(now.weight_of(2), 1U);
    EXPECT_EQ(now.generation, 42U);
    EXPECT_FALSE(make_cuts(model::route{}).any_weight());
}

} // namespace
} // namespace adit::canary
