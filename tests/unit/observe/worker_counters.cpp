#include "observe/worker_counters.hpp"

#include "observe/labels.hpp"
#include "unit/observe/allocations.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

namespace adit::observe {
namespace {

using kinds = std::map<std::pair<int, int>, std::uint64_t>;

kinds read(const request_table& table) {
    kinds out;
    table.for_each([&](std::uint8_t method, std::uint16_t code, std::uint64_t count) {
        EXPECT_FALSE(out.count({method, code})) << "shown twice";
        out[{method, code}] = count;
    });
    return out;
}

TEST(counter, adds_and_reads) {
    counter one;
    one.add();
    one.add(41);
    EXPECT_EQ(one.value(), 42u);
    gauge level;
    level.add(3);
    level.subtract(5);
    EXPECT_EQ(level.value(), -2);
    level.set(7);
    EXPECT_EQ(level.value(), 7);
}

TEST(request_table, is_empty_at_first) {
    EXPECT_TRUE(read(request_table()).empty());
}

TEST(request_table, tells_methods_and_codes_apart) {
    request_table table;
    for (int i = 0; i < 3; ++i) table.add(0, 200);
    table.add(2, 200);
    table.add(0, 404);
    table.add(0, 200);
    EXPECT_EQ(read(table), (kinds{{{0, 200}, 4}, {{2, 200}, 1}, {{0, 404}, 1}}));
}

TEST(request_table, holds_every_combination) {
    request_table table;
    kinds expected;
    for (int round = 0; round < 2; ++round)
        for (std::uint8_t method = 0; method < method_names; ++method)
            for (std::uint16_t code = 100; code < 1000; ++code) {
                table.add(method, code);
                ++expected[{method, code}];
            }
    EXPECT_EQ(read(table), expected);
}

TEST(worker_counters, give_the_same_place_again) {
    worker_counters worker;
    auto& first = worker.track(7, 1);
    first.retry(retry_reason::stale).add();
    EXPECT_EQ(&worker.track(7, 1), &first);
    EXPECT_NE(&worker.track(7, 0), &first);
    EXPECT_NE(&worker.track(8, 1), &first);
    EXPECT_NE(&worker.track(7 + 256, 1), &first);
    ASSERT_NE(worker.find(7), nullptr);
    EXPECT_EQ(worker.find(7)->find(1), &first);
    EXPECT_EQ(worker.find(7)->find(2), nullptr);
    EXPECT_EQ(worker.find(9), nullptr);
    EXPECT_EQ(worker.find(100'000), nullptr);
}

TEST(worker_counters, serve_the_last_slot_and_none) {
    worker_counters worker;
    worker.track(worker_counters::max_route_slots - 1, 15).retry(retry_reason::stale).add();
    EXPECT_EQ(worker.find(worker_counters::max_route_slots - 1)->find(15)->retries[0].value(), 1u);
    auto& lost = worker.track(labels::none, 0);
    lost.retry(retry_reason::stale).add();
    EXPECT_EQ(&worker.track(labels::none, 0), &lost);
    EXPECT_EQ(worker.find(labels::none), nullptr);
    EXPECT_EQ(worker.retire(labels::none), nullptr);
}

TEST(worker_counters, hand_a_slot_back_and_start_it_afresh) {
    worker_counters worker;
    worker.track(3, 0).bytes_in.add(10);
    EXPECT_EQ(worker.retire(4), nullptr);
    EXPECT_EQ(worker.retire(99'999), nullptr);
    const auto old = worker.retire(3);
    ASSERT_NE(old, nullptr);
    EXPECT_EQ(old->find(0)->bytes_in.value(), 10u);
    EXPECT_EQ(worker.find(3), nullptr);
    EXPECT_EQ(worker.track(3, 0).bytes_in.value(), 0u);
}

TEST(worker_counters, move_connections_between_states) {
    worker_counters worker;
    worker.connection(connection_state::idle).add();
    worker.move(connection_state::idle, connection_state::reading);
    worker.move(connection_state::reading, connection_state::active);
    EXPECT_EQ(worker.connection(connection_state::idle).value(), 0);
    EXPECT_EQ(worker.connection(connection_state::reading).value(), 0);
    EXPECT_EQ(worker.connection(connection_state::active).value(), 1);
}

void count_one_exchange(worker_counters& worker, std::uint64_t i) {
    auto& track = worker.track(5, static_cast<std::uint8_t>(i & 1));
    track.in_flight.add();
    track.requests.add(static_cast<std::uint8_t>(i % 3), i % 7 == 0 ? 503 : 200);
    track.request_duration.record(i * 1'000);
    track.upstream_duration.record(i * 900);
    track.bytes_in.add(700);
    track.bytes_out.add(64);
    track.in_flight.subtract();
    worker.refusal(3).add();
}

TEST(worker_counters, allocate_nothing_after_warm_up) {
    worker_counters worker;
    for (std::uint64_t i = 0; i < 50; ++i) count_one_exchange(worker, i);
    const auto before = allocations();
    for (std::uint64_t i = 0; i < 100'000; ++i) count_one_exchange(worker, i * 7'919);
    EXPECT_EQ(allocations(), before);
}

// For the thread sanitizer, and for what a reader may rely on: numbers only rise, and all are there in the
// end.
TEST(worker_counters, are_read_while_they_are_written) {
    constexpr std::uint64_t rounds = 60'000;
    worker_counters worker;
    std::atomic<bool> done{false};
    std::thread writer([&] {
        for (std::uint64_t i = 0; i < rounds; ++i) {
            auto& track =
                worker.track(static_cast<std::uint32_t>(i % 600), static_cast<std::uint8_t>(i % 16));
            track.requests.add(
                static_cast<std::uint8_t>(i % method_names), static_cast<std::uint16_t>(100 + i % 900)
            );
            track.request_duration.record(i * 1'000);
        }
        done = true;
    });
    const auto total = [&] {
        std::uint64_t requests = 0;
        for (std::uint32_t slot = 0; slot < 600; ++slot) {
            const auto* route = worker.find(slot);
            if (route == nullptr) continue;
            for (std::size_t track = 0; track < 16; ++track)
                if (const auto* found = route->find(track))
                    found->requests.for_each([&](int, int, std::uint64_t count) { requests += count; });
        }
        return requests;
    };
    std::uint64_t last = 0;
    while (!done) {
        const auto now = total();
        ASSERT_GE(now, last);
        last = now;
    }
    writer.join();
    EXPECT_EQ(total(), rounds);
}

} // namespace
} // namespace adit::observe
