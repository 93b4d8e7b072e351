#include "observe/tap.hpp"

#include "unit/observe/records.hpp"

#include <gtest/gtest.h>

namespace adit::observe {
namespace {

using namespace std::chrono_literals;

TEST(tap_filter, shows_what_was_asked_for) {
    const auto one = some_record();
    one->put(text::path, "/shop/cart", 512);
    struct row {
        const char* about;
        tap_filter filter;
        bool fits;
    };
    const auto with = [](auto set) {
        tap_filter out;
        set(out);
        return out;
    };
    const row rows[]{
        {"all", {}, true},
        {"route", with([](auto& f) { f.route = "shop"; }), true},
        {"another route", with([](auto& f) { f.route = "sho"; }), false},
        {"track", with([](auto& f) { f.track = "canary"; }), true},
        {"another track", with([](auto& f) { f.track = "stable"; }), false},
        {"method", with([](auto& f) { f.method = "GET"; }), true},
        {"another method", with([](auto& f) { f.method = "POST"; }), false},
        {"path", with([](auto& f) { f.path = "/shop/"; }), true},
        {"another path", with([](auto& f) { f.path = "/cart"; }), false},
        {"reason", with([](auto& f) { f.reason = "cohort"; }), true},
        {"another reason", with([](auto& f) { f.reason = "dice"; }), false},
        {"end", with([](auto& f) { f.end = "done"; }), true},
        {"another end", with([](auto& f) { f.end = "client-gone"; }), false},
        {"status", with([](auto& f) { f.status = 200; }), true},
        {"another status", with([](auto& f) { f.status = 201; }), false},
        {"class", with([](auto& f) { f.status_class = 2; }), true},
        {"another class", with([](auto& f) { f.status_class = 5; }), false},
        {"slow enough", with([](auto& f) { f.least = 1500us; }), true},
        {"not slow enough", with([](auto& f) { f.least = 1501us; }), false},
        {"all at once", with([](auto& f) {
             f.route = "shop";
             f.status_class = 2;
             f.method = "PUT";
         }),
         false},
    };
    for (const auto& one_row : rows) EXPECT_EQ(one_row.filter.fits(*one), one_row.fits) << one_row.about;
}

TEST(tap_filter, reads_statuses_and_classes) {
    tap_filter out;
    EXPECT_TRUE(read_status("5xx", out));
    EXPECT_EQ(out.status_class, 5);
    EXPECT_TRUE(read_status("4XX", out));
    EXPECT_EQ(out.status_class, 4);
    EXPECT_TRUE(read_status("404", out));
    EXPECT_EQ(out.status, 404);
    for (const auto* wrong : {"", "5", "6xx", "0xx", "5x", "5xxx", "40x", "x00", "600", "4 4"})
        EXPECT_FALSE(read_status(wrong, out)) << wrong;
}

TEST(tap, shows_a_seconds_worth_and_counts_the_rest) {
    int told = 0;
    tap one({.filter = {}, .rate = 10}, [&] { ++told; });
    const auto record = some_record();
    auto clock = some_clock();
    for (int i = 0; i < 25; ++i) one.hear(*record, clock);
    one.rest();
    EXPECT_EQ(told, 1);
    auto batch = one.fetch();
    EXPECT_EQ(batch.exchanges.size(), 10u);
    EXPECT_EQ(batch.over_rate, 15u);
    clock.monotonic += second / 2;
    for (int i = 0; i < 25; ++i) one.hear(*record, clock);
    one.rest();
    batch = one.fetch();
    EXPECT_EQ(batch.exchanges.size(), 5u);
    EXPECT_EQ(batch.over_rate, 20u);
    EXPECT_TRUE(batch.exchanges[0].starts_with("{\"time\":"));
    EXPECT_TRUE(batch.exchanges[0].ends_with("}"));
}

TEST(tap, tells_once_until_somebody_fetches) {
    int told = 0;
    tap one({}, [&] { ++told; });
    const auto record = some_record();
    one.rest();
    EXPECT_EQ(told, 0) << "there was nothing";
    for (int i = 0; i < 3; ++i) {
        one.hear(*record, some_clock());
        one.rest();
    }
    EXPECT_EQ(told, 1);
    EXPECT_EQ(one.fetch().exchanges.size(), 3u);
    one.hear(*record, some_clock());
    one.rest();
    EXPECT_EQ(told, 2);
}

TEST(tap, keeps_a_bounded_number_for_who_does_not_fetch) {
    tap one({.filter = {}, .rate = tap_wish::most_rate}, [] {});
    const auto record = some_record();
    for (std::size_t i = 0; i < tap::most_waiting + 7; ++i) one.hear(*record, some_clock());
    one.rest();
    const auto batch = one.fetch();
    EXPECT_EQ(batch.exchanges.size(), tap::most_waiting);
    EXPECT_EQ(batch.late, 7u);
}

} // namespace
} // namespace adit::observe
