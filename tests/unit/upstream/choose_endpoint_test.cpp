// Which endpoint the next request goes to, by every way there is to choose.
#include "upstream/endpoint_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace adit::upstream {
namespace {

using method = model::balance::method;
constexpr instant second = 1'000'000'000;

endpoint_entry entry(std::uint16_t port, std::uint32_t weight = 1, instant added = 0) {
    endpoint_entry out;
    out.address = {boost::asio::ip::address_v4::loopback(), port};
    out.weight = weight;
    out.state = std::make_shared<endpoint_state>(to_text(out.address), added);
    return out;
}

endpoint_entry leaving(std::uint16_t port) {
    auto out = entry(port);
    out.ready = false;
    out.terminating = true;
    return out;
}

endpoint_entry in_zone(std::uint16_t port, std::uint16_t zone, bool local) {
    auto out = entry(port);
    out.zone = zone;
    out.local = local;
    return out;
}

balance_plan plan_by(method by) {
    balance_plan out;
    out.by = by;
    return out;
}

class choosing : public testing::Test {
protected:
    void use(endpoint_list list, const balance_plan& plan) {
        set.replace(all, list, plan, std::make_shared<track_gate>(), 0);
    }
    endpoint_set::ask ask(std::uint64_t key = 0) { return {.now = now, .random = random, .key = key}; }
    int port(const endpoint* one) { return one ? one->entry().address.port() : 0; }
    int pick(std::uint64_t key = 0) { return port(set.pick(ask(key))); }
    endpoint& at(std::size_t index) { return *set.all()[index]; }
    std::map<int, int> share(int count) {
        std::map<int, int> out;
        for (int i = 0; i < count; ++i) ++out[pick()];
        return out;
    }

    net::loop loop;
    observe::worker_counters counters;
    net::tls_wire wire;
    pools all{loop, counters, wire};
    random_source random{1};
    endpoint_set set;
    instant now = 100 * second;
};

TEST_F(choosing, in_turn_keeps_weights_exactly_and_smoothly) {
    use({entry(1, 5), entry(2, 1), entry(3, 1)}, plan_by(method::round_robin));
    EXPECT_FALSE(set.plain());
    std::vector<int> order;
    for (int i = 0; i < 7; ++i) order.push_back(pick());
    EXPECT_EQ(order, (std::vector<int>{1, 1, 2, 1, 3, 1, 1})); // nginx's example of a smooth sequence
    const auto got = share(700);
    EXPECT_EQ(got, (std::map<int, int>{{1, 500}, {2, 100}, {3, 100}}));
}

TEST_F(choosing, in_turn_is_plain_when_all_weigh_the_same) {
    use({entry(1, 7), entry(2, 7)}, plan_by(method::round_robin));
    EXPECT_TRUE(set.plain());
    for (const auto by : {method::least_requests, method::peak_ewma, method::hash}) {
        use({entry(1), entry(2)}, plan_by(by));
        EXPECT_FALSE(set.plain());
    }
}

TEST_F(choosing, passes_over_those_that_were_tried_while_there_are_others) {
    for (const auto by : {method::round_robin, method::least_requests, method::peak_ewma, method::hash}) {
        use({entry(1, 3), entry(2), entry(3)}, plan_by(by));
        const endpoint* const two[]{&at(0), &at(1)};
        for (int i = 0; i < 50; ++i) {
            auto how = ask(random.next());
            how.avoid = two;
            EXPECT_EQ(port(set.pick(how)), 3);
        }
        const endpoint* const three[]{&at(0), &at(1), &at(2)};
        auto how = ask(random.next());
        how.avoid = three;
        EXPECT_NE(set.pick(how), nullptr);
    }
}

TEST_F(choosing, by_least_requests_prefers_who_is_less_busy_for_its_weight) {
    use({entry(1, 1), entry(2, 2)}, plan_by(method::least_requests));
    struct row {
        std::uint32_t first, second;
        int wanted;
    };
    // (in flight + 1) / weight
    for (const row& one : {row{0, 0, 2}, row{0, 2, 1}, row{3, 6, 2}, row{3, 8, 1}, row{9, 0, 2}}) {
        at(0).in_flight = one.first;
        at(1).in_flight = one.second;
        for (int i = 0; i < 20; ++i) EXPECT_EQ(pick(), one.wanted) << one.first << ' ' << one.second;
    }
}

TEST_F(choosing, by_least_requests_never_takes_the_busiest_of_many) {
    use({entry(1), entry(2), entry(3), entry(4)}, plan_by(method::least_requests));
    at(2).in_flight = 5;
    auto got = share(3000);
    EXPECT_EQ(got[3], 0);
    for (const int one : {1, 2, 4}) EXPECT_NEAR(got[one], 1000, 150);
}

TEST_F(choosing, by_peak_ewma_prefers_who_answers_sooner) {
    use({entry(1), entry(2)}, plan_by(method::peak_ewma));
    at(0).latency.add(second / 10, now);
    at(1).latency.add(second / 100, now);
    EXPECT_EQ(share(100), (std::map<int, int>{{2, 100}}));
    at(1).in_flight = 10; // 11 × 10 ms are more than 100 ms
    EXPECT_EQ(share(100), (std::map<int, int>{{1, 100}}));
}

TEST_F(choosing, by_peak_ewma_tries_a_newcomer_with_one_request_at_a_time) {
    use({entry(1), entry(2)}, plan_by(method::peak_ewma));
    at(0).latency.add(second / 10, now);
    EXPECT_EQ(pick(), 2);
    at(1).in_flight = 1;
    EXPECT_EQ(share(50), (std::map<int, int>{{1, 50}}));
}

TEST(a_peak_ewma, believes_bad_news_at_once_and_good_news_slowly) {
    peak_ewma one;
    EXPECT_FALSE(one.known());
    one.add(100, second);
    one.add(900, 2 * second);
    EXPECT_DOUBLE_EQ(one.at(2 * second), 900);
    one.add(100, 3 * second);
    EXPECT_GT(one.at(3 * second), 700);
    EXPECT_LT(one.at(3 * second), 900);
    EXPECT_NEAR(one.at(13 * second), one.at(3 * second) / 2.718, 5);
}

TEST_F(choosing, newcomers_grow_into_their_share) {
    auto plan = plan_by(method::round_robin);
    plan.slow_start = 10 * second;
    use({entry(1), entry(2, 1, now)}, plan);
    EXPECT_FALSE(set.plain());
    struct row {
        instant after;
        int percent; // of the newcomer
    };
    for (const auto& one : {row{0, 9}, row{5 * second, 33}, row{9 * second, 47}, row{10 * second, 50}}) {
        now = 100 * second + one.after;
        EXPECT_NEAR(share(1000)[2], one.percent * 10, 10) << one.after;
    }
}

TEST(slow_start, is_a_table) {
    struct row {
        std::uint32_t weight;
        instant added, window, now;
        std::uint64_t wanted;
    };
    const row rows[]{
        {1, 0, 10, 3, full_share},
        {1, 5, 0, 5, full_share},
        {1, 5, 10, 5, least_share},
        {2, 5, 10, 10, full_share},
        {1, 5, 10, 15, full_share},
        {1, 5, 10, 4, least_share},
        {1000, 5, 10, 15, 1000 * full_share},
    };
    for (const auto& one : rows) EXPECT_EQ(share_of(one.weight, one.added, one.window, one.now), one.wanted);
}

TEST_F(choosing, stays_in_the_zone_as_far_as_it_carries_its_part) {
    auto plan = plan_by(method::round_robin);
    plan.prefer_zone = true;
    struct row {
        const char* what;
        endpoint_list list;
        int local; // percent that stays
    };
    const row rows[]{
        {"half of two zones", {in_zone(1, 1, true), in_zone(2, 2, false)}, 100},
        {"a third of two zones", {in_zone(1, 1, true), in_zone(2, 2, false), in_zone(3, 2, false)}, 67},
        {"a third of three zones", {in_zone(1, 1, true), in_zone(2, 2, false), in_zone(3, 3, false)}, 100},
        {"no endpoint here", {in_zone(2, 2, false), in_zone(3, 3, false)}, 0},
    };
    for (const auto& one : rows) {
        use(one.list, plan);
        auto got = share(3000);
        EXPECT_NEAR(got[1], one.local * 30, 100) << one.what;
    }
    // Ill endpoints carry nothing: of four, three are left, one of them here.
    endpoint_list four{in_zone(1, 1, true), in_zone(2, 1, true), in_zone(3, 2, false), in_zone(4, 2, false)};
    four[1].state->healthy(false);
    use(four, plan);
    EXPECT_NEAR(share(3000)[1], 2000, 100);
}

TEST_F(choosing, by_hash_sticks_and_moves_no_more_than_it_must) {
    endpoint_list list;
    for (std::uint16_t i = 1; i <= 10; ++i) list.push_back(entry(i));
    use(list, plan_by(method::hash));
    std::map<std::uint64_t, int> before;
    std::map<int, int> shares;
    for (int i = 0; i < 10'000; ++i) {
        const auto key = hash_key(std::to_string(i));
        before[key] = pick(key);
        ++shares[before[key]];
        EXPECT_EQ(pick(key), before[key]);
    }
    for (const auto& [one, count] : shares) EXPECT_NEAR(count, 1000, 350) << one;
    auto fewer = list;
    fewer.erase(fewer.begin() + 4);
    std::reverse(fewer.begin(), fewer.end()); // the order in which they are named means nothing
    use(fewer, plan_by(method::hash));
    for (const auto& [key, was] : before) {
        if (was == 5)
            EXPECT_NE(pick(key), 5);
        else
            EXPECT_EQ(pick(key), was);
    }
}

TEST_F(choosing, by_hash_an_ill_endpoint_moves_only_its_own_keys) {
    endpoint_list list{entry(1), entry(2), entry(3)};
    use(list, plan_by(method::hash));
    std::map<std::uint64_t, int> before;
    for (int i = 0; i < 1000; ++i) {
        const auto key = random.next();
        before[key] = pick(key);
    }
    list[1].state->healthy(false);
    set.refresh();
    for (const auto& [key, was] : before) {
        if (was == 2)
            EXPECT_NE(pick(key), 2);
        else
            EXPECT_EQ(pick(key), was);
    }
}

TEST_F(choosing, by_hash_gives_weight_its_part) {
    use({entry(1, 1), entry(2, 3)}, plan_by(method::hash));
    std::map<int, int> got;
    for (int i = 0; i < 4000; ++i) ++got[pick(random.next())];
    EXPECT_NEAR(got[2], 3000, 300);
}

TEST_F(choosing, by_hash_with_a_bound_spreads_a_hot_key) {
    auto plan = plan_by(method::hash);
    plan.hash_bound = 125;
    use({entry(1), entry(2), entry(3), entry(4)}, plan);
    for (int i = 0; i < 100; ++i) ++set.pick(ask(42))->in_flight;
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_LE(at(i).in_flight, 32u); // 125 % of 25, and one
        EXPECT_GT(at(i).in_flight, 0u);
    }
}

TEST(a_ring, is_the_same_for_ever) {
    // Replicas of different versions share clients: these places must not move.
    const std::string names[]{"10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"};
    std::vector<ring::member> members;
    for (const auto& one : names) members.push_back({one, 1});
    ring one;
    one.build(members);
    std::string got;
    for (int i = 0; i < 24; ++i)
        got +=
            std::to_string(one.find(hash_key("user-" + std::to_string(i)), [](std::size_t) { return true; }));
    EXPECT_EQ(got, "010101102121010220012212");
    EXPECT_EQ(one.find(7, [](std::size_t) { return false; }), -1);
    one.build({});
    EXPECT_EQ(one.find(7, [](std::size_t) { return true; }), -1);
}

// --- sticky ---

class sticking : public choosing {
protected:
    void use_sticky(endpoint_list list, bool persistent) {
        balance_plan plan;
        plan.sticky = true;
        plan.persistent = persistent;
        use(std::move(list), plan);
    }
    endpoint_set::sticky_pick stick(std::string_view key, bool anew = false) {
        return set.pick_sticky(ask(), key, anew);
    }
    static std::string text(const sticky_value& value) { return {value.data(), value.size()}; }
};

TEST_F(sticking, gives_a_cookie_once_and_follows_it) {
    for (const bool persistent : {false, true}) {
        endpoint_list list{entry(1), entry(2), entry(3)};
        use_sticky(list, persistent);
        EXPECT_FALSE(set.plain());
        std::map<int, int> shares;
        for (int i = 0; i < 300; ++i) {
            const auto first = stick({});
            ASSERT_NE(first.to, nullptr);
            EXPECT_TRUE(first.issue);
            ++shares[port(first.to)];
            const auto again = stick(text(first.value));
            EXPECT_EQ(again.to, first.to);
            EXPECT_FALSE(again.issue);
        }
        for (const int one : {1, 2, 3}) EXPECT_NEAR(shares[one], 100, 45) << persistent;
    }
}

TEST_F(sticking, balanced_takes_any_key_without_a_new_cookie) {
    use_sticky({entry(1), entry(2)}, false);
    const auto one = stick("1718105912.123.45.678"); // as ingress-nginx makes them
    EXPECT_NE(one.to, nullptr);
    EXPECT_FALSE(one.issue);
}

TEST_F(sticking, persistent_gives_a_new_cookie_when_the_endpoint_is_gone) {
    endpoint_list list{entry(1), entry(2), entry(3)};
    use_sticky(list, true);
    const auto first = stick({});
    const auto gone = port(first.to);
    std::erase_if(list, [&](const auto& one) { return one.address.port() == gone; });
    use_sticky(list, true);
    const auto next = stick(text(first.value));
    EXPECT_TRUE(next.issue);
    EXPECT_NE(port(next.to), gone);
    EXPECT_TRUE(stick("no such mark").issue);
}

TEST_F(sticking, persistent_keeps_everybody_when_endpoints_come_and_balanced_moves_some) {
    for (const bool persistent : {false, true}) {
        endpoint_list list{entry(1), entry(2), entry(3)};
        use_sticky(list, persistent);
        std::vector<std::pair<std::string, int>> clients;
        for (int i = 0; i < 600; ++i) {
            const auto one = stick({});
            clients.emplace_back(text(one.value), port(one.to));
        }
        list.push_back(entry(4));
        use_sticky(list, persistent);
        int moved = 0;
        for (const auto& [key, was] : clients) moved += port(stick(key).to) != was;
        if (persistent)
            EXPECT_EQ(moved, 0);
        else
            EXPECT_NEAR(moved, 150, 90); // a quarter
    }
}

TEST_F(sticking, who_belongs_there_stays_while_it_winds_down_and_newcomers_never_come) {
    for (const bool persistent : {false, true}) {
        endpoint_list list{entry(1), entry(2)};
        use_sticky(list, persistent);
        std::map<int, std::string> key;
        while (key.size() < 2) {
            const auto one = stick({});
            key[port(one.to)] = text(one.value);
        }
        auto state = list[0].state;
        list[0] = leaving(1);
        list[0].state = state;
        use_sticky(list, persistent);
        EXPECT_EQ(port(stick(key[1]).to), 1);
        EXPECT_EQ(port(stick(key[2]).to), 2);
        for (int i = 0; i < 100; ++i) {
            const auto fresh = stick({});
            EXPECT_EQ(port(fresh.to), 2);
            EXPECT_EQ(port(stick(text(fresh.value)).to), 2); // and it stays so
        }
    }
}

TEST_F(sticking, an_ill_endpoint_is_left_for_a_while_and_for_good_if_the_route_says_so) {
    for (const bool persistent : {false, true}) {
        endpoint_list list{entry(1), entry(2)};
        use_sticky(list, persistent);
        auto first = stick({});
        while (port(first.to) != 1) first = stick({});
        list[0].state->healthy(false);
        set.refresh();
        auto away = stick(text(first.value));
        EXPECT_EQ(port(away.to), 2);
        EXPECT_FALSE(away.issue);
        away = stick(text(first.value), true);
        EXPECT_EQ(port(away.to), 2);
        EXPECT_TRUE(away.issue);
        list[0].state->healthy(true);
        set.refresh();
        EXPECT_EQ(port(stick(text(first.value)).to), 1);
        EXPECT_EQ(port(stick(text(away.value)).to), 2);
    }
}

// --- limits ---

TEST_F(choosing, fills_endpoints_to_their_limit_and_no_further) {
    for (const auto by : {method::round_robin, method::least_requests, method::peak_ewma, method::hash}) {
        auto plan = plan_by(by);
        plan.max_in_flight = 2;
        use({entry(1), entry(2)}, plan);
        std::map<int, int> got;
        for (int i = 0; i < 4; ++i) ++got[pick(7)];
        EXPECT_EQ(got, (std::map<int, int>{{1, 2}, {2, 2}}));
        EXPECT_EQ(pick(7), 0);
        EXPECT_FALSE(set.empty());
        at(1).state()->leave_place();
        EXPECT_EQ(pick(7), 2);
    }
}

TEST_F(sticking, who_is_bound_to_a_full_endpoint_waits_for_it) {
    balance_plan plan;
    plan.sticky = plan.persistent = true;
    plan.max_in_flight = 1;
    use({entry(1), entry(2)}, plan);
    const auto first = stick({});
    EXPECT_EQ(stick(text(first.value)).to, nullptr);
    EXPECT_NE(stick({}).to, nullptr); // others go elsewhere
    EXPECT_EQ(stick({}).to, nullptr);
    first.to->state()->leave_place();
    EXPECT_EQ(stick(text(first.value)).to, first.to);
}

struct in_line final : waiter {
    explicit in_line(endpoint_set& of) : set(of) {}
    bool place_free() override {
        ++asked;
        if (!ready) return false;
        set.quit(*this);
        return true;
    }
    endpoint_set& set;
    bool ready = false;
    int asked = 0;
};

TEST_F(choosing, asks_the_line_in_order_until_one_must_wait) {
    use({entry(1)}, {});
    in_line a{set}, b{set}, c{set};
    for (auto* one : {&a, &b, &c}) set.join(*one);
    EXPECT_EQ(set.first_waiting(), &a);
    a.ready = true;
    set.serve();
    EXPECT_EQ(set.first_waiting(), &b);
    EXPECT_EQ(b.asked, 1);
    EXPECT_EQ(c.asked, 0);
    set.quit(b);
    c.ready = true;
    set.serve();
    EXPECT_EQ(set.first_waiting(), nullptr);
}

TEST(a_track_gate, counts_who_waits_and_gives_workers_their_turns) {
    track_gate gate;
    EXPECT_EQ(gate.turn(), track_gate::nobody);
    EXPECT_TRUE(gate.join(3, 3));
    EXPECT_TRUE(gate.join(3, 3));
    EXPECT_TRUE(gate.join(255, 3));
    EXPECT_TRUE(gate.waits(255));
    EXPECT_FALSE(gate.waits(254));
    EXPECT_FALSE(gate.join(0, 3));
    EXPECT_EQ(gate.pending(), 3u);
    EXPECT_EQ(gate.turn(), 3u);
    EXPECT_EQ(gate.turn(), 255u);
    EXPECT_EQ(gate.turn(), 3u);
    gate.quit(3, false);
    gate.quit(3, true);
    EXPECT_EQ(gate.turn(), 255u);
    EXPECT_EQ(gate.turn(), 255u);
    EXPECT_TRUE(gate.join(70, 3));
    EXPECT_TRUE(gate.join(6, 3));
    EXPECT_EQ(gate.turn(), 6u);
    EXPECT_EQ(gate.turn(), 70u);
    EXPECT_EQ(gate.turn(), 255u);
    for (const unsigned one : {6u, 70u, 255u}) gate.quit(one, true);
    EXPECT_EQ(gate.turn(), track_gate::nobody);
    EXPECT_EQ(gate.pending(), 0u);
}

} // namespace
} // namespace adit::upstream
