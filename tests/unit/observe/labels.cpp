#include "observe/labels.hpp"

#include "observe/worker_counters.hpp"

#include <gtest/gtest.h>

namespace adit::observe {
namespace {

const std::vector<std::string> stable{"stable"};
const std::vector<std::string> both{"stable", "canary"};
const std::vector<std::string> other{"stable", "blue"};

TEST(labels, give_the_lowest_free_slot) {
    labels names;
    EXPECT_EQ(names.assign("a", stable), 0u);
    EXPECT_EQ(names.assign("b", stable), 1u);
    EXPECT_EQ(names.assign("c", stable), 2u);
    names.release(1);
    names.release(0);
    names.release(0);
    names.release(77);
    EXPECT_EQ(names.find(0), nullptr);
    EXPECT_EQ(names.find(labels::none), nullptr);
    EXPECT_EQ(names.assign("d", both), 0u);
    EXPECT_EQ(names.assign("e", stable), 1u);
    EXPECT_EQ(names.assign("f", stable), 3u);
    EXPECT_EQ(names.find(0)->route, "d");
    EXPECT_EQ(names.find(0)->tracks[1].name, "canary");
    EXPECT_EQ(names.slots(), 4u);
}

TEST(labels, keep_a_slot_while_tracks_stay_in_place) {
    labels names;
    const auto slot = names.assign("shop", stable);
    EXPECT_TRUE(names.keep(slot, "shop", both));
    EXPECT_EQ(names.find(slot)->tracks.size(), 2u);
    EXPECT_TRUE(names.keep(slot, "shop", stable));
    EXPECT_EQ(names.find(slot)->tracks.size(), 2u); // the canary's numbers are still told
    EXPECT_FALSE(names.keep(slot, "shop", other));
    EXPECT_FALSE(names.keep(slot, "cart", both));
    EXPECT_FALSE(names.keep(slot + 1, "shop", both));
}

TEST(labels, weights_are_of_present_tracks) {
    labels names;
    const auto slot = names.assign("shop", both);
    names.set_weights(slot, std::vector{0.875, 0.125});
    EXPECT_EQ(names.find(slot)->tracks[1].weight, 0.125);
    ASSERT_TRUE(names.keep(slot, "shop", stable));
    names.set_weights(slot, std::vector{1.0});
    EXPECT_EQ(names.find(slot)->tracks[0].weight, 1.0);
    EXPECT_EQ(names.find(slot)->tracks[1].weight, std::nullopt);
    names.set_weights(99, std::vector{1.0});
}

TEST(labels, count_slots_by_name) {
    labels names;
    names.assign("shop", stable);
    const auto second = names.assign("shop", other);
    EXPECT_EQ(names.count("shop"), 2u);
    names.release(second);
    EXPECT_EQ(names.count("shop"), 1u);
    EXPECT_EQ(names.count("cart"), 0u);
}

TEST(labels, end_at_the_last_slot) {
    labels names;
    for (std::uint32_t i = 0; i < worker_counters::max_route_slots; ++i)
        ASSERT_EQ(names.assign("r", stable), i);
    EXPECT_EQ(names.assign("r", stable), labels::none);
}

} // namespace
} // namespace adit::observe
