#include "observe/exposition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <prometheus/client_metric.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>

namespace adit::observe {
namespace {

using testing::HasSubstr;
using testing::Not;

// A gateway with two workers and one route.
struct counted_gateway {
    worker_counters workers[2];
    labels names;
    control_gauges gauges;
    std::uint32_t shop = names.assign("shop", std::vector<std::string>{"stable", "canary"});
    exposition shown{{&workers[0], &workers[1]}, names, gauges, {"bad-request-line", "", "no-host"}};
};

void exchange(
    worker_counters& worker, std::uint32_t slot, std::uint8_t track, std::uint16_t code, std::uint64_t ns
) {
    auto& counters = worker.track(slot, track);
    counters.requests.add(0, code);
    counters.request_duration.record(ns);
    counters.upstream_duration.record(ns / 2);
    counters.bytes_in.add(700);
    counters.bytes_out.add(1'000);
}

// Every line's series with its value; a series that stands twice fails the test.
std::map<std::string, std::string> parse(const std::string& text) {
    std::map<std::string, std::string> out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') continue;
        const auto space = line.rfind(' ');
        EXPECT_TRUE(out.emplace(line.substr(0, space), line.substr(space + 1)).second) << line;
    }
    return out;
}

TEST(exposition, adds_up_workers) {
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 5'000'000);
    exchange(gateway.workers[1], gateway.shop, 0, 200, 6'000'000);
    exchange(gateway.workers[1], gateway.shop, 1, 503, 20'000'000'000);
    gateway.workers[1].track(gateway.shop, 1).in_flight.add(2);
    gateway.workers[1].track(gateway.shop, 1).fallbacks.add();
    const auto series = parse(gateway.shown.text());
    const std::string stable = "{route=\"shop\",track=\"stable\"";
    const std::string canary = "{route=\"shop\",track=\"canary\"";
    EXPECT_EQ(series.at("adit_requests_total" + stable + ",method=\"GET\",code=\"200\"}"), "2");
    EXPECT_EQ(series.at("adit_requests_total" + canary + ",method=\"GET\",code=\"503\"}"), "1");
    EXPECT_EQ(series.at("adit_request_duration_seconds_count" + stable + "}"), "2");
    EXPECT_EQ(series.at("adit_request_duration_seconds_sum" + stable + "}"), "0.011");
    EXPECT_EQ(series.at("adit_request_duration_seconds_bucket" + stable + ",le=\"0.005\"}"), "1");
    EXPECT_EQ(series.at("adit_request_duration_seconds_bucket" + stable + ",le=\"0.01\"}"), "2");
    EXPECT_EQ(series.at("adit_request_duration_seconds_bucket" + canary + ",le=\"10\"}"), "0");
    EXPECT_EQ(series.at("adit_request_duration_seconds_bucket" + canary + ",le=\"+Inf\"}"), "1");
    EXPECT_EQ(series.at("adit_upstream_duration_seconds_bucket" + stable + ",le=\"0.005\"}"), "2");
    EXPECT_EQ(series.at("adit_request_bytes_total" + stable + "}"), "1400");
    EXPECT_EQ(series.at("adit_response_bytes_total" + canary + "}"), "1000");
    EXPECT_EQ(series.at("adit_requests_in_flight" + canary + "}"), "2");
    EXPECT_EQ(series.at("adit_fallbacks_total" + canary + "}"), "1");
    EXPECT_EQ(series.at("adit_retries_total" + canary + ",reason=\"stale\"}"), "0");
    EXPECT_EQ(series.at("adit_upstream_connect_failures_total" + canary + "}"), "0");
}

TEST(exposition, has_the_fourteen_bounds) {
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 1'000'000);
    const auto series = parse(gateway.shown.text());
    for (const auto* bound :
         {"0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5", "5", "7.5",
          "10", "+Inf"})
        EXPECT_EQ(
            series.count(
                std::string("adit_request_duration_seconds_bucket{route=\"shop\",track=\"stable\",le=\"") +
                bound + "\"}"
            ),
            1u
        ) << bound;
}

TEST(exposition, shows_what_workers_do) {
    counted_gateway gateway;
    auto& worker = gateway.workers[1];
    worker.accepted.add(3);
    worker.connection(connection_state::idle).add(2);
    worker.connection(connection_state::tunnel).add();
    worker.pool_hits.add(5);
    worker.pool_misses.add();
    worker.idle_upstream.set(4);
    worker.refusal(2).add(9);
    worker.refusal(1).add();
    worker.loop_lag.record(300'000);
    const auto series = parse(gateway.shown.text());
    EXPECT_EQ(series.at("adit_connections_accepted_total"), "3");
    EXPECT_EQ(series.at("adit_connections{state=\"idle\"}"), "2");
    EXPECT_EQ(series.at("adit_connections{state=\"tunnel\"}"), "1");
    EXPECT_EQ(series.at("adit_connections{state=\"active\"}"), "0");
    EXPECT_EQ(series.at("adit_worker_connections{worker=\"1\"}"), "3");
    EXPECT_EQ(series.at("adit_worker_loop_lag_seconds_bucket{worker=\"1\",le=\"0.0005\"}"), "1");
    EXPECT_EQ(series.at("adit_upstream_pool_hits_total"), "5");
    EXPECT_EQ(series.at("adit_upstream_pool_misses_total"), "1");
    EXPECT_EQ(series.at("adit_upstream_idle_connections"), "4");
    EXPECT_EQ(series.at("adit_refusals_total{reason=\"no-host\"}"), "9");
    EXPECT_EQ(series.at("adit_refusals_total{reason=\"bad-request-line\"}"), "0");
    EXPECT_EQ(series.count("adit_refusals_total{reason=\"\"}"), 0u);
}

TEST(exposition, shows_weights_and_configuration) {
    counted_gateway gateway;
    gateway.names.set_weights(gateway.shop, std::vector{0.875, 0.125});
    gateway.gauges.killed = true;
    gateway.gauges.config_generation = 12;
    gateway.gauges.config_last_reload_successful = false;
    gateway.gauges.config_last_reload_success =
        std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000));
    gateway.gauges.version = "0.1.0";
    gateway.gauges.revision = "abc\"def";
    gateway.gauges.compiler = "g++ 12";
    const auto series = parse(gateway.shown.text());
    EXPECT_EQ(series.at("adit_weight_ratio{route=\"shop\",track=\"stable\"}"), "0.875");
    EXPECT_EQ(series.at("adit_weight_ratio{route=\"shop\",track=\"canary\"}"), "0.125");
    EXPECT_EQ(series.at("adit_killed"), "1");
    EXPECT_EQ(series.at("adit_config_generation"), "12");
    EXPECT_EQ(series.at("adit_config_last_reload_successful"), "0");
    EXPECT_EQ(series.at("adit_config_last_reload_success_timestamp_seconds"), "1700000000");
    EXPECT_EQ(
        series.at("adit_build_info{version=\"0.1.0\",revision=\"abc\\\"def\",compiler=\"g++ 12\"}"), "1"
    );
    EXPECT_GT(std::stod(series.at("process_resident_memory_bytes")), 1e6);
    EXPECT_GE(std::stod(series.at("process_open_fds")), 3);
    EXPECT_GT(std::stod(series.at("process_cpu_seconds_total")), 0);
    EXPECT_GT(std::stod(series.at("process_start_time_seconds")), 1.7e9);
}

TEST(exposition, counts_slots_of_one_name_together) {
    counted_gateway gateway;
    const auto path = gateway.names.assign("shop", std::vector<std::string>{"stable"});
    exchange(gateway.workers[0], gateway.shop, 0, 200, 1'000'000);
    exchange(gateway.workers[0], path, 0, 200, 1'000'000);
    const auto series = parse(gateway.shown.text());
    EXPECT_EQ(
        series.at("adit_requests_total{route=\"shop\",track=\"stable\",method=\"GET\",code=\"200\"}"), "2"
    );
}

TEST(exposition, goes_on_counting_when_a_route_changes_its_tracks) {
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 1'000'000);
    exchange(gateway.workers[1], gateway.shop, 1, 200, 1'000'000);
    const auto next = gateway.names.assign("shop", std::vector<std::string>{"stable", "blue"});
    exchange(gateway.workers[0], next, 0, 200, 1'000'000);
    exchange(gateway.workers[0], next, 1, 200, 1'000'000);
    const auto before = parse(gateway.shown.text());
    gateway.shown.retire(gateway.shop);
    const auto after = parse(gateway.shown.text());
    const auto requests = [](const char* track) {
        return std::string("adit_requests_total{route=\"shop\",track=\"") + track +
               "\",method=\"GET\",code=\"200\"}";
    };
    for (const auto& series : {before, after}) {
        EXPECT_EQ(series.at(requests("stable")), "2");
        EXPECT_EQ(series.at(requests("canary")), "1");
        EXPECT_EQ(series.at(requests("blue")), "1");
        EXPECT_EQ(series.at("adit_request_duration_seconds_count{route=\"shop\",track=\"canary\"}"), "1");
    }
    EXPECT_EQ(gateway.workers[0].find(gateway.shop), nullptr);
    EXPECT_EQ(gateway.names.find(gateway.shop), nullptr);
    gateway.shown.retire(next);
    EXPECT_THAT(gateway.shown.text(), Not(HasSubstr("route=\"shop\"")));
    // A new route of the old name begins at nothing.
    const auto again = gateway.names.assign("shop", std::vector<std::string>{"stable"});
    exchange(gateway.workers[0], again, 0, 200, 1'000'000);
    EXPECT_EQ(parse(gateway.shown.text()).at(requests("stable")), "1");
}

TEST(exposition, can_be_read_in_pieces) {
    counted_gateway gateway;
    for (int i = 0; i < 10; ++i) {
        const auto slot =
            gateway.names.assign("route-" + std::to_string(i), std::vector<std::string>{"stable"});
        exchange(gateway.workers[i % 2], slot, 0, 200, 5'000'000);
    }
    exposition::scrape sums;
    int pieces = 1;
    while (!gateway.shown.go_on(sums, 3)) ++pieces;
    EXPECT_EQ(pieces, 4) << "eleven routes";
    const auto routes_of = [](const std::string& text) {
        auto series = parse(text);
        std::erase_if(series, [](const auto& one) { return one.first.find("route=") == std::string::npos; });
        return series;
    };
    EXPECT_EQ(routes_of(to_text(sums.all, gateway.shown.rest())), routes_of(gateway.shown.text()));
}

// What was counted under a slot goes to the kept sums when it is taken back: it must not be in both.
TEST(exposition, begins_anew_when_a_slot_is_taken_back_between_two_pieces) {
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 5'000'000);
    exposition::scrape sums;
    const auto next = gateway.names.assign("shop", std::vector<std::string>{"stable", "canary", "beta"});
    exchange(gateway.workers[0], next, 0, 200, 5'000'000);
    EXPECT_FALSE(gateway.shown.go_on(sums, 1));
    gateway.shown.retire(gateway.shop);
    while (!gateway.shown.go_on(sums, 1)) {
    }
    const auto& stable = sums.all.routes.at("shop").front();
    ASSERT_EQ(stable.requests.size(), 1u);
    EXPECT_EQ(stable.requests.begin()->second, 2u);
}

TEST(exposition, is_a_collectable) {
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 1'000'000);
    const prometheus::Collectable& collectable = gateway.shown;
    const auto families = collectable.Collect();
    const auto requests = std::find_if(families.begin(), families.end(), [](const auto& one) {
        return one.name == "adit_requests_total";
    });
    ASSERT_NE(requests, families.end());
    EXPECT_EQ(requests->type, prometheus::MetricType::Counter);
    EXPECT_EQ(requests->metric.at(0).counter.value, 1);
    EXPECT_THAT(
        prometheus::TextSerializer().Serialize(families), HasSubstr("adit_requests_total{route=\"shop\"")
    );
}

TEST(exposition, passes_promtool) {
    ASSERT_EQ(std::system("command -v promtool >/dev/null"), 0)
        << "promtool is missing: install Debian's package `prometheus`";
    counted_gateway gateway;
    exchange(gateway.workers[0], gateway.shop, 0, 200, 1'000'000);
    exchange(gateway.workers[0], gateway.shop, 1, 502, 100'000'000);
    gateway.names.set_weights(gateway.shop, std::vector{0.9, 0.1});
    gateway.workers[0].refusal(0).add();
    std::FILE* promtool = popen("promtool check metrics 2>&1", "w");
    ASSERT_NE(promtool, nullptr);
    const auto text = gateway.shown.text();
    EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), promtool), text.size());
    EXPECT_EQ(pclose(promtool), 0) << "see what promtool wrote above";
}

TEST(exposition, shows_many_routes) {
    auto gateway = std::make_unique<counted_gateway>();
    for (int i = 0; i < 1'000; ++i) {
        const auto slot = gateway->names.assign(
            "namespace-" + std::to_string(i % 100) + "/ingress-" + std::to_string(i),
            std::vector<std::string>{"stable"}
        );
        for (auto& worker : gateway->workers) exchange(worker, slot, 0, 200, 7'000'000);
    }
    const auto series = parse(gateway->shown.text());
    for (int i = 0; i < 1'000; ++i) {
        const auto labels_of = "{route=\"namespace-" + std::to_string(i % 100) + "/ingress-" +
                               std::to_string(i) + "\",track=\"stable\",";
        ASSERT_EQ(series.at("adit_requests_total" + labels_of + "method=\"GET\",code=\"200\"}"), "2");
        ASSERT_EQ(series.at("adit_request_duration_seconds_bucket" + labels_of + "le=\"0.01\"}"), "2");
    }
}

} // namespace
} // namespace adit::observe
