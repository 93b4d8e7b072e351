#include "policy/pace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adit::policy {
namespace {

constexpr instant second = 1'000'000'000;
constexpr pace_bounds bounds{.idle = 10 * second, .grace = 30 * second, .rate = 100};
using verdict = pace::verdict;

// A client that moves `bytes` every `step` seconds; when it is ended, and why. 0: never within the hour.
struct story {
    const char* what;
    instant step;
    std::uint64_t bytes;
    pace_bounds limits;
    instant ends; // seconds
    verdict why;
};

TEST(pace, ends_what_is_silent_or_too_slow) {
    const story stories[]{
        {"nothing at all", 1, 0, bounds, 10, verdict::idle},
        {"a byte now and then", 5, 1, bounds, 31, verdict::slow},
        {"half the rate: half a second is owed for each", 1, 50, bounds, 60, verdict::slow},
        {"the rate itself", 1, 100, bounds, 0, verdict::moving},
        {"more than that, in lumps", 9, 1000, bounds, 0, verdict::moving},
        {"lumps too far apart", 11, 100'000, bounds, 10, verdict::idle},
        {"any rate will do", 9, 1, {.idle = 10 * second, .grace = second, .rate = 0}, 0, verdict::moving},
        {"a grace below idle counts as idle",
         1,
         1,
         {.idle = 10 * second, .grace = 1, .rate = 1000},
         11,
         verdict::slow},
    };
    for (const auto& one : stories) {
        pace p;
        p.wait(second);
        instant ended = 0;
        auto why = verdict::moving;
        for (instant t = 1; t <= 3600 && ended == 0; ++t) {
            const auto now = (1 + t) * second;
            if (t % one.step == 0 && one.bytes > 0) p.moved(now, one.bytes, one.limits);
            why = p.judge(now, one.limits);
            if (why != verdict::moving) ended = t;
        }
        EXPECT_EQ(why, one.why) << one.what;
        EXPECT_NEAR(static_cast<double>(ended), static_cast<double>(one.ends), 1) << one.what;
    }
}

TEST(pace, counts_only_the_time_in_which_the_client_is_waited_for) {
    pace p;
    auto now = second;
    for (int i = 0; i < 1000; ++i) {
        p.wait(now);
        now += second;
        EXPECT_EQ(p.judge(now, bounds), verdict::moving) << i;
        p.moved(now, 100, bounds);
        p.rest(now);
        now += 100 * second; // an upstream that takes its time
        EXPECT_EQ(p.judge(now, bounds), verdict::moving) << i;
    }
}

TEST(pace, lets_nobody_pay_in_advance) {
    pace p;
    p.wait(second);
    p.moved(2 * second, 1'000'000, bounds);
    auto now = 2 * second;
    while (p.judge(now, bounds) == verdict::moving) {
        now += second;
        p.moved(now, 1, bounds);
    }
    EXPECT_LE(now, 34 * second);
}

TEST(pace, tells_when_to_look_again) {
    pace p;
    p.wait(second);
    EXPECT_EQ(p.left(second, bounds), 10 * second);
    for (instant t = 1; t <= 25; ++t) p.moved((1 + t) * second, 0, bounds);
    EXPECT_EQ(p.left(26 * second, bounds), 5 * second);
    EXPECT_EQ(p.judge(31 * second - 1, bounds), verdict::moving);
    EXPECT_EQ(p.judge(31 * second, bounds), verdict::slow);
    EXPECT_EQ(p.left(40 * second, bounds), 1);
    p.reset();
    EXPECT_EQ(p.judge(90 * second, bounds), verdict::moving);
}

TEST(delivery, counts_what_leaves_the_kernel_and_counts_it_once) {
    delivery d;
    EXPECT_FALSE(d.began());
    d.blocked(second, 100'000, 50'000, bounds);
    EXPECT_TRUE(d.is_blocked());
    // Five seconds at the full rate, seen only when one looks.
    EXPECT_EQ(d.look(6 * second, 49'500, bounds), verdict::moving);
    EXPECT_EQ(d.left(6 * second, bounds), 10 * second);
    // The socket has room for those 500 again: they do not count twice.
    d.blocked(16 * second - 1, 100'500, 50'000, bounds);
    EXPECT_EQ(d.left(16 * second - 1, bounds), 10 * second);
    EXPECT_EQ(d.look(26 * second, 50'000, bounds), verdict::idle);
    d.flows(26 * second);
    EXPECT_FALSE(d.is_blocked());
    EXPECT_EQ(d.look(90 * second, 50'000, bounds), verdict::moving);
    EXPECT_TRUE(d.began());
    d.reset();
    EXPECT_FALSE(d.began());
}

TEST(delivery, ends_a_reader_that_takes_a_byte_now_and_then) {
    delivery d;
    auto now = second;
    std::uint64_t queued = 50'000;
    d.blocked(now, 100'000, queued, bounds);
    auto got = verdict::moving;
    while (got == verdict::moving && now < 100 * second) {
        now += 5 * second;
        got = d.look(now, --queued, bounds);
    }
    EXPECT_EQ(got, verdict::slow);
    EXPECT_EQ(now, 36 * second); // the first look at which 30 s are owed, six bytes taken off
}

} // namespace
} // namespace adit::policy
