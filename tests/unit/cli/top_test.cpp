#include "cli/top_table.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace adit::cli {
namespace {

constexpr const char* text = "# HELP adit_requests_total x\n"
                             "# TYPE adit_requests_total counter\n"
                             "adit_requests_total{route=\"shop\",track=\"stable\",method=\"GET\",code="
                             "\"200\"} 90\n"
                             "adit_requests_total{route=\"shop\",track=\"stable\",method=\"GET\",code="
                             "\"503\"} 10\n"
                             "adit_requests_total{route=\"shop\",track=\"canary\",method=\"GET\",code="
                             "\"404\"} 4\n"
                             "adit_requests_total{route=\"a\\\"b,\\\\\",track=\"stable\",method=\"GET\","
                             "code=\"200\"} 1e3\n"
                             "adit_request_duration_seconds_bucket{route=\"shop\",track=\"stable\",le="
                             "\"0.1\"} 50\n"
                             "adit_request_duration_seconds_bucket{route=\"shop\",track=\"stable\",le="
                             "\"0.2\"} 100\n"
                             "adit_request_duration_seconds_bucket{route=\"shop\",track=\"stable\",le="
                             "\"+Inf\"} 100\n"
                             "adit_request_duration_seconds_sum{route=\"shop\",track=\"stable\"} 7\n"
                             "adit_requests_in_flight{route=\"shop\",track=\"stable\"} 3\n"
                             "adit_retries_total{route=\"shop\",track=\"stable\",reason=\"connect\"} 2\n"
                             "adit_retries_total{route=\"shop\",track=\"stable\",reason=\"reset\"} 3\n"
                             "adit_weight_ratio{route=\"shop\",track=\"canary\"} 0.125\n"
                             "adit_connections{state=\"idle\"} 5\n"
                             "process_open_fds 7\n"
                             "broken{route=\"x\n"
                             "broken{route=\"x\",track=\"y\"\n";

TEST(read_figures, takes_what_tracks_have_counted) {
    const auto all = read_figures(text);
    ASSERT_EQ(all.size(), 3u);
    const auto& stable = all.at({"shop", "stable"});
    EXPECT_EQ(stable.requests, 100);
    EXPECT_EQ(stable.server_errors, 10);
    EXPECT_EQ(stable.in_flight, 3);
    EXPECT_EQ(stable.retries, 5);
    EXPECT_EQ(stable.durations.size(), 3u);
    EXPECT_EQ(all.at({"shop", "canary"}).client_errors, 4);
    EXPECT_EQ(all.at({"shop", "canary"}).weight, 0.125);
    EXPECT_EQ(all.at({"a\"b,\\", "stable"}).requests, 1000);
}

TEST(quantile, lies_evenly_within_a_bucket) {
    const double inf = std::numeric_limits<double>::infinity();
    const std::vector<std::pair<double, double>> buckets{{0.1, 50}, {0.2, 100}, {inf, 100}};
    EXPECT_DOUBLE_EQ(*quantile(buckets, 0.5), 0.1);
    EXPECT_DOUBLE_EQ(*quantile(buckets, 0.25), 0.05);
    EXPECT_DOUBLE_EQ(*quantile(buckets, 0.99), 0.198);
    EXPECT_DOUBLE_EQ(*quantile({{0.1, 0}, {0.2, 0}, {inf, 3}}, 0.5), 0.2) << "above all bounds";
    EXPECT_FALSE(quantile({{0.1, 0}, {inf, 0}}, 0.5));
    EXPECT_FALSE(quantile({}, 0.5));
}

TEST(rates_between, are_of_what_came_in_between) {
    auto before = read_figures(text), after = before;
    auto& stable = after.at({"shop", "stable"});
    stable.requests += 20;
    stable.server_errors += 5;
    stable.durations[0].second += 20;
    stable.durations[1].second += 20;
    stable.durations[2].second += 20;
    const auto rows = rates_between(before, after, 2);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[1].track, "stable") << "before the canary";
    EXPECT_EQ(rows[1].requests, 10);
    EXPECT_EQ(rows[1].server_errors, 0.25);
    EXPECT_DOUBLE_EQ(*rows[1].p50, 0.05);
    EXPECT_FALSE(rows[2].p50);
    EXPECT_EQ(rows[2].requests, 0);
}

TEST(rates_between, begin_anew_after_a_restart) {
    const auto before = read_figures(text);
    figures after;
    after[{"shop", "stable"}].requests = 6;
    const auto rows = rates_between(before, after, 1);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].requests, 6);
}

TEST(top_table, shows_the_busiest_where_there_is_no_room) {
    std::vector<track_rates> rows(3);
    rows[0].route = "a";
    rows[0].track = "stable";
    rows[0].requests = 1;
    rows[1] = rows[2] = rows[0];
    rows[1].route = "b";
    rows[1].requests = 1234.6;
    rows[1].server_errors = 0.0123;
    rows[1].p50 = 0.0021;
    rows[1].p99 = 1.25;
    rows[1].weight = 0.125;
    rows[2].route = "c";
    EXPECT_EQ(
        top_table(rows, 1), "ROUTE  TRACK   WEIGHT  REQ/S  5XX    4XX  P50    P99   RETRY/S  IN "
                            "FLIGHT\n"
                            "b      stable  12.5%   1235   1.23%  0%   2.1ms  1.2s  0.0      0\n"
                            "2 more tracks have less to do\n"
    );
    EXPECT_NE(top_table(rows).find("c "), std::string::npos);
    const auto json = to_json({rows[1]});
    EXPECT_EQ(json.at(0).at("weight").as_double(), 12.5);
    EXPECT_EQ(json.at(0).at("p99_seconds").as_double(), 1.25);
    EXPECT_TRUE(to_json({rows[0]}).at(0).at("p50_seconds").is_null());
}

} // namespace
} // namespace adit::cli
