#include "policy/rate_limits.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace adit::policy {
namespace {

constexpr instant ms = 1'000'000;
constexpr instant start = 1'000'000 * ms;

TEST(rate_table, is_a_leaky_bucket) {
    rate_table table(16);
    const auto take = [&](instant at) { return table.take(7, start + at, 100 * ms, 200 * ms); };
    // The first and a burst of two, then one for each interval.
    EXPECT_EQ(take(0), 0);
    EXPECT_EQ(take(0), 0);
    EXPECT_EQ(take(0), 0);
    EXPECT_EQ(take(0), 100 * ms);
    EXPECT_EQ(take(99 * ms), 1 * ms);
    EXPECT_EQ(take(100 * ms), 0);
    EXPECT_EQ(take(150 * ms), 50 * ms);
    EXPECT_EQ(take(200 * ms), 0);
    // What was refused was not accounted for; after a pause the burst is back, and no more than that.
    for (int i = 0; i < 3; ++i) EXPECT_EQ(take(5'000 * ms), 0);
    EXPECT_EQ(take(5'000 * ms), 100 * ms);
}

TEST(rate_table, without_a_burst_spaces_requests) {
    rate_table table(16);
    EXPECT_EQ(table.take(7, start, 100 * ms, 0), 0);
    EXPECT_EQ(table.take(7, start + 40 * ms, 100 * ms, 0), 60 * ms);
    EXPECT_EQ(table.take(7, start + 100 * ms, 100 * ms, 0), 0);
}

TEST(rate_table, keeps_keys_apart_and_takes_back) {
    rate_table table(16);
    EXPECT_EQ(table.take(1, start, 100 * ms, 0), 0);
    EXPECT_EQ(table.take(2, start, 100 * ms, 0), 0);
    EXPECT_NE(table.take(1, start, 100 * ms, 0), 0);
    table.give_back(1, 100 * ms);
    EXPECT_EQ(table.take(1, start, 100 * ms, 0), 0);
    table.give_back(3, 100 * ms); // of nobody
}

// A set has room for four; a fifth key takes the place of the bucket that would be empty first.
TEST(rate_table, forgets_the_emptiest_bucket) {
    rate_table table(1);
    for (std::uint64_t key = 1; key <= 4; ++key)
        for (std::uint64_t i = 0; i < key; ++i) EXPECT_EQ(table.take(key, start, 100 * ms, 1'000 * ms), 0);
    EXPECT_EQ(table.take(5, start, 100 * ms, 0), 0);
    EXPECT_NE(table.take(5, start, 100 * ms, 0), 0);
    EXPECT_NE(table.take(4, start, 100 * ms, 300 * ms), 0) << "the fullest is remembered";
    EXPECT_EQ(table.take(1, start, 100 * ms, 0), 0) << "the emptiest was forgotten";
    // Empty buckets are taken without loss.
    for (std::uint64_t key = 11; key <= 14; ++key)
        EXPECT_EQ(table.take(key, start + 60'000 * ms, 100 * ms, 0), 0);
}

TEST(rate_table, adds_up_over_threads) {
    rate_table table;
    constexpr int tries = 20'000, burst = 999;
    std::atomic<int> passed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < tries; ++n)
                if (table.take(42, start, 1'000 * ms, burst * 1'000 * ms) == 0) passed.fetch_add(1);
        });
    for (auto& one : threads) one.join();
    EXPECT_GE(passed, burst + 1);
    // Each thread may have made a bucket of its own in the first instant.
    EXPECT_LE(passed, burst + 1 + 3);
}

TEST(place_table, counts_what_is_under_way) {
    place_table table(16);
    const auto first = table.take(1 << 24, 2), second = table.take(1 << 24, 2);
    ASSERT_TRUE(first.place && second.place);
    EXPECT_EQ(first.place, second.place);
    EXPECT_FALSE(table.take(1 << 24, 2).admitted);
    EXPECT_TRUE(table.take(2 << 24, 2).admitted);
    place_table::give_back(*first.place);
    EXPECT_TRUE(table.take(1 << 24, 2).admitted);
    EXPECT_FALSE(table.take(1 << 24, 2).admitted);
}

TEST(place_table, reuses_places_and_lets_pass_what_it_cannot_count) {
    place_table table(1);
    std::vector<place_table::word*> taken;
    for (std::uint64_t key = 1; key <= place_table::ways; ++key)
        taken.push_back(table.take(key << 24, 1).place);
    EXPECT_EQ(std::set<place_table::word*>(taken.begin(), taken.end()).size(), place_table::ways);
    EXPECT_EQ(std::count(taken.begin(), taken.end(), nullptr), 0);
    const auto more = table.take(std::uint64_t{99} << 24, 1);
    EXPECT_TRUE(more.admitted);
    EXPECT_EQ(more.place, nullptr);
    place_table::give_back(*taken[3]);
    EXPECT_EQ(table.take(std::uint64_t{99} << 24, 1).place, taken[3]);
    EXPECT_FALSE(table.take(std::uint64_t{99} << 24, 1).admitted);
}

TEST(place_table, never_admits_more_over_threads) {
    place_table table;
    std::atomic<int> inside{0}, most{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 20'000; ++n) {
                const auto got = table.take(std::uint64_t{7} << 24, 2);
                if (!got.admitted) continue;
                const auto now = inside.fetch_add(1) + 1;
                for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
                }
                inside.fetch_sub(1);
                place_table::give_back(*got.place);
            }
        });
    for (auto& one : threads) one.join();
    EXPECT_LE(most, 2);
    EXPECT_TRUE(table.take(std::uint64_t{7} << 24, 1).admitted) << "all places were given back";
}

// --- the rules of a route ---

using kind = rate_limits::verdict::kind;

model::rate_limit rule(model::rate_limit::key by, std::uint32_t requests, std::uint32_t burst = 0) {
    model::rate_limit out;
    out.by = by;
    out.header = "X-Key";
    out.requests = requests;
    out.burst = burst;
    return out;
}

struct limits {
    explicit limits(std::vector<model::rate_limit> wish, std::string_view route = "shop")
        : rules(wish, route, shared) {}

    kind ask(std::string_view from, std::string_view header = {}, instant at = 0) {
        tests::request::field_list fields;
        if (!header.empty()) fields.emplace_back("x-key", header);
        const tests::request request("/", fields);
        last = rules.admit(request.head(), parse_ip(from).value(), start + at, held);
        return last.what;
    }

    std::shared_ptr<meters> shared = std::make_shared<meters>();
    rate_limits rules;
    held_places held;
    rate_limits::verdict last;
};

TEST(rate_limits, go_by_address) {
    limits by({rule(model::rate_limit::key::address, 10)});
    EXPECT_EQ(by.ask("192.0.2.1"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.1"), kind::too_fast);
    EXPECT_EQ(by.last.wait, 100 * ms);
    EXPECT_EQ(by.ask("192.0.2.2"), kind::pass);
    EXPECT_EQ(by.ask("2001:db8::1"), kind::pass);
    EXPECT_EQ(by.ask("2001:db8::ffff"), kind::too_fast) << "the same /64";
    EXPECT_EQ(by.ask("2001:db8:0:1::1"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.1", "", 100 * ms), kind::pass);
}

TEST(rate_limits, go_by_header) {
    limits by({rule(model::rate_limit::key::header, 10)});
    EXPECT_EQ(by.ask("192.0.2.1", "a"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.2", "a"), kind::too_fast);
    EXPECT_EQ(by.ask("192.0.2.2", "b"), kind::pass);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(by.ask("192.0.2.2"), kind::pass) << "no header, no limit";
}

TEST(rate_limits, go_by_route) {
    limits by({rule(model::rate_limit::key::route, 10, 1)});
    EXPECT_EQ(by.ask("192.0.2.1"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.2"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.3"), kind::too_fast);
    rate_limits other({rule(model::rate_limit::key::route, 10, 1)}, "other", by.shared);
    held_places held;
    EXPECT_EQ(other.admit(tests::request{}.head(), {}, start, held).what, kind::pass)
        << "another route's bucket";
    // The same route after a reload goes on counting.
    rate_limits again({rule(model::rate_limit::key::route, 10, 1)}, "shop", by.shared);
    EXPECT_EQ(again.admit(tests::request{}.head(), {}, start, held).what, kind::too_fast);
}

TEST(rate_limits, spare_some) {
    auto one = rule(model::rate_limit::key::address, 10);
    one.except = {parse_prefix("10.0.0.0/8").value()};
    limits by({one});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(by.ask("10.1.2.3"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.1"), kind::pass);
    EXPECT_EQ(by.ask("192.0.2.1"), kind::too_fast);
}

TEST(rate_limits, all_hold_and_what_one_refuses_counts_in_none) {
    auto places = rule(model::rate_limit::key::route, 0);
    places.connections = 1;
    limits by({rule(model::rate_limit::key::address, 10, 3), rule(model::rate_limit::key::header, 10), places}
    );
    held_places holder;
    const tests::request first("/", {{"X-Key", "a"}});
    EXPECT_EQ(by.rules.admit(first.head(), parse_ip("192.0.2.1").value(), start, holder).what, kind::pass);
    EXPECT_FALSE(holder.empty());
    EXPECT_EQ(by.ask("192.0.2.1", "a"), kind::too_fast);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(by.ask("192.0.2.1", "b"), kind::too_many);
    EXPECT_TRUE(by.held.empty());
    holder.give_back();
    // Of the burst of 1 + 3 one was used.
    for (const auto* key : {"c", "d", "e"}) {
        EXPECT_EQ(by.ask("192.0.2.1", key), kind::pass) << key;
        by.held.give_back();
    }
    EXPECT_EQ(by.ask("192.0.2.1", "f"), kind::too_fast);
}

} // namespace
} // namespace adit::policy
