#include "observe/export_schedule.hpp"

#include <gtest/gtest.h>

namespace adit::observe {
namespace {

using fate = export_schedule::fate;
using std::chrono::seconds;

constexpr instant second = 1'000'000'000;
constexpr double half = 0.5; // of the jitter: waits are as they were doubled

export_schedule made() {
    export_schedule out;
    out.follow({.batch = 10, .interval = seconds(5)});
    return out;
}

TEST(export_schedule, sends_whole_batches_at_once_and_others_after_the_interval) {
    const auto one = made();
    const instant oldest = 100 * second;
    EXPECT_EQ(one.due(10, oldest, false), oldest);
    EXPECT_EQ(one.due(25, oldest, false), oldest);
    EXPECT_EQ(one.due(9, oldest, false), oldest + 5 * second);
    EXPECT_EQ(one.due(1, oldest, true), oldest) << "nothing more will come";
}

TEST(export_schedule, tells_passing_answers_from_final_ones) {
    struct {
        unsigned status;
        fate became;
    } const rows[]{{200, fate::taken},   {202, fate::taken},   {0, fate::again},     {429, fate::again},
                   {502, fate::again},   {503, fate::again},   {504, fate::again},   {400, fate::refused},
                   {401, fate::refused}, {404, fate::refused}, {413, fate::refused}, {500, fate::refused},
                   {501, fate::refused}, {301, fate::refused}, {505, fate::refused}};
    for (const auto& row : rows) {
        auto one = made();
        EXPECT_EQ(one.judge({.status = row.status}, second, half), row.became) << row.status;
        EXPECT_EQ(one.well(), row.became == fate::taken) << row.status;
        EXPECT_EQ(one.turned(), row.became != fate::taken) << row.status;
    }
}

TEST(export_schedule, waits_twice_as_long_each_time_and_gives_up) {
    auto one = made();
    instant now = 1000 * second, waited = 0;
    for (const int wait : {1, 2, 4, 8, 16, 30, 30}) {
        EXPECT_EQ(one.judge({.status = 503}, now, half), fate::again) << wait;
        EXPECT_EQ(one.due(10, 0, false), now + wait * second);
        now = one.due(10, 0, false);
        waited += wait;
    }
    EXPECT_EQ(waited, 91);
    EXPECT_EQ(one.judge({.status = 503}, now, half), fate::again);
    now += 30 * second;
    EXPECT_EQ(one.judge({.status = 503}, now, half), fate::refused) << "two minutes are over";
    EXPECT_GT(one.due(10, 0, false), now) << "the next batch waits as well";
    EXPECT_EQ(one.judge({.status = 200}, now, half), fate::taken);
    EXPECT_EQ(one.due(10, now, false), now);
}

TEST(export_schedule, spreads_what_waits) {
    auto low = made(), high = made();
    low.judge({.status = 503}, 0, 0.0);
    high.judge({.status = 503}, 0, 0.999);
    EXPECT_EQ(low.due(10, 0, false), second / 2);
    EXPECT_GT(high.due(10, 0, false), second);
    EXPECT_LT(high.due(10, 0, false), 2 * second);
}

TEST(export_schedule, heeds_retry_after_within_bounds) {
    struct {
        int said, waits;
    } const rows[]{{0, 1}, {1, 1}, {7, 7}, {30, 30}, {3600, 30}};
    for (const auto& row : rows) {
        auto one = made();
        one.judge({.status = 429, .retry_after = seconds(row.said)}, 0, 0.9);
        EXPECT_EQ(one.due(10, 0, false), row.waits * second) << row.said;
    }
}

TEST(export_schedule, tells_each_turn_once) {
    auto one = made();
    const auto turned = [&](unsigned status) {
        one.judge({.status = status}, 0, half);
        return one.turned();
    };
    EXPECT_FALSE(turned(200));
    EXPECT_TRUE(turned(0));
    EXPECT_FALSE(turned(503));
    EXPECT_FALSE(turned(400));
    EXPECT_TRUE(turned(200));
    EXPECT_FALSE(turned(200));
}

TEST(retry_after, is_a_number_of_seconds) {
    EXPECT_EQ(parse_retry_after("120"), seconds(120));
    EXPECT_EQ(parse_retry_after(" 0 "), seconds(0));
    EXPECT_EQ(parse_retry_after("99999999999"), seconds(86'400));
    for (const auto* text : {"", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(parse_retry_after(text)) << text;
}

} // namespace
} // namespace adit::observe
