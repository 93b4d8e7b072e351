// What counting one exchange costs the worker, and what a scrape costs the control thread.
#include "observe/exposition.hpp"
#include "observe/worker_counters.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace adit::observe;

void histogram_bucket(benchmark::State& state) {
    std::uint64_t ns = 12'345;
    for (auto _ : state) {
        benchmark::DoNotOptimize(histogram_scale::bucket_of(ns));
        ns = ns * 3 % 7'777'777'777;
    }
}
BENCHMARK(histogram_bucket);

void histogram_record(benchmark::State& state) {
    histogram one;
    std::uint64_t ns = 12'345;
    for (auto _ : state) {
        one.record(ns);
        ns = (ns * 5 + 1'237) & 0x3ffffff; // 0 … 67 ms
    }
    benchmark::DoNotOptimize(one.sum_ns());
}
BENCHMARK(histogram_record);

void requests_of_one_kind(benchmark::State& state) {
    request_table table;
    for (auto _ : state) table.add(0, 200);
}
BENCHMARK(requests_of_one_kind);

void requests_of_mixed_kinds(benchmark::State& state) {
    request_table table;
    static constexpr std::uint16_t codes[] = {200, 304, 200, 404, 201, 503, 302, 200};
    std::size_t i = 0;
    for (auto _ : state) {
        table.add(static_cast<std::uint8_t>(i % 3), codes[i % 8]);
        ++i;
    }
}
BENCHMARK(requests_of_mixed_kinds);

// All that is counted for one exchange, over so many routes in turn.
void whole_exchange(benchmark::State& state) {
    const auto routes = static_cast<std::uint32_t>(state.range(0));
    worker_counters worker;
    std::uint32_t route = 0;
    std::uint64_t ns = 12'345;
    for (auto _ : state) {
        auto& track = worker.track(route, 0);
        track.in_flight.add();
        track.requests.add(0, 200);
        track.request_duration.record(ns);
        track.upstream_duration.record(ns - ns / 8);
        track.bytes_in.add(700);
        track.bytes_out.add(2'048);
        worker.pool_hits.add();
        track.in_flight.subtract();
        ns = (ns * 5 + 1'237) & 0x3ffffff;
        route = route + 1 == routes ? 0 : route + 1;
    }
}
BENCHMARK(whole_exchange)->Arg(1)->Arg(100)->Arg(10'000);

// Two workers that have carried so many routes, each on one track.
struct carried_routes {
    explicit carried_routes(std::int64_t routes) {
        for (std::int64_t i = 0; i < routes; ++i) {
            const auto slot = names.assign(
                "namespace-" + std::to_string(i % 100) + "/ingress-" + std::to_string(i),
                std::vector<std::string>{"stable"}
            );
            for (auto& worker : workers) {
                worker.track(slot, 0).requests.add(0, 200);
                worker.track(slot, 0).requests.add(0, 404);
                worker.track(slot, 0).request_duration.record(7'000'000);
            }
        }
    }

    worker_counters workers[2];
    labels names;
    control_gauges gauges;
    exposition shown{{&workers[0], &workers[1]}, names, gauges, {}};
};

void scrape_collect(benchmark::State& state) {
    const auto routes = std::make_unique<carried_routes>(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(routes->shown.Collect());
}
BENCHMARK(scrape_collect)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

void scrape_text(benchmark::State& state) {
    const auto routes = std::make_unique<carried_routes>(state.range(0));
    for (auto _ : state) benchmark::DoNotOptimize(routes->shown.text());
}
BENCHMARK(scrape_text)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

} // namespace
