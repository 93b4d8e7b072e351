#include "upstream/endpoint_state.hpp"
#include "upstream/roster.hpp"

#include <gtest/gtest.h>

namespace adit::upstream {
namespace {

TEST(an_endpoint_state, tells_once_when_a_row_of_failures_reaches_its_limit) {
    const failure_limits limits{3, 2};
    endpoint_state one{"10.0.0.1:80", 0};
    using enum outcome;
    const std::pair<outcome, bool> steps[]{
        {server_error, false}, {server_error, false},    {good, false},
        {server_error, false}, {server_error, false},    {server_error, true},
        {server_error, false}, {connect_failure, false}, {connect_failure, true},
        {good, false},         {connect_failure, false}, {server_error, false},
    };
    for (const auto& [what, tells] : steps) EXPECT_EQ(one.note(what, limits), tells);
    one.forget_failures();
    EXPECT_FALSE(one.note(server_error, limits));
    EXPECT_FALSE(one.note(server_error, limits));
    EXPECT_TRUE(one.note(server_error, limits));
}

TEST(an_endpoint_state, never_tells_without_limits) {
    endpoint_state one{"10.0.0.1:80", 0};
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(one.note(outcome::server_error, {}));
        EXPECT_FALSE(one.note(outcome::connect_failure, {}));
    }
}

TEST(an_endpoint_state, has_only_so_many_places) {
    endpoint_state one{"10.0.0.1:80", 0};
    EXPECT_TRUE(one.take_place(2));
    EXPECT_TRUE(one.has_place(2));
    EXPECT_TRUE(one.take_place(2));
    EXPECT_FALSE(one.has_place(2));
    EXPECT_FALSE(one.take_place(2));
    EXPECT_EQ(one.in_flight(), 2u);
    one.leave_place();
    EXPECT_TRUE(one.take_place(2));
    EXPECT_TRUE(one.take_connection(1));
    EXPECT_FALSE(one.take_connection(1));
}

endpoint_list list_of(std::initializer_list<std::uint16_t> ports) {
    endpoint_list out;
    for (const auto port : ports) {
        endpoint_entry one;
        one.address = {boost::asio::ip::address_v4::loopback(), port};
        out.push_back(one);
    }
    return out;
}

const roster::key shop{"shop", "stable", {}}, canary{"shop", "canary", {}};

endpoint_list
fill(roster& all, const roster::key& at, std::initializer_list<std::uint16_t> ports, instant now) {
    all.fill(*all.find(at), list_of(ports), true, now);
    return *all.find(at)->endpoints;
}

TEST(a_roster, keeps_states_while_their_addresses_stay) {
    roster all;
    all.enter(shop, {0, 0}, true);
    const auto first = fill(all, shop, {1, 2}, 100);
    EXPECT_EQ(first[0].state->text(), "127.0.0.1:1");
    EXPECT_EQ(first[0].state->added(), 0);
    const auto second = fill(all, shop, {2, 3}, 200);
    EXPECT_EQ(second[0].state, first[1].state);
    EXPECT_EQ(second[1].state->added(), 200); // new to a track that was there
    all.enter(canary, {0, 1}, false);
    EXPECT_NE(fill(all, canary, {2}, 300)[0].state, second[0].state); // another track, another record
}

TEST(a_roster, makes_states_where_they_are_wanted) {
    roster all;
    auto& seat = all.enter(shop, {0, 0}, true);
    all.fill(seat, list_of({1, 2}), false, 100);
    EXPECT_EQ(seat.endpoints->front().state, nullptr);
    all.fill(seat, list_of({1, 2, 3}), true, 200);
    EXPECT_EQ((*seat.endpoints)[1].state->added(), 0); // it was there before anybody asked
    EXPECT_EQ((*seat.endpoints)[2].state->added(), 200);
}

TEST(a_roster, forgets_a_seat_with_its_last_user) {
    roster all;
    all.enter(shop, {0, 0}, true);
    all.enter(shop, {0, 0}, true); // another version of the route
    all.enter(shop, {1, 0}, true);
    EXPECT_FALSE(all.leave(shop, {0, 0}));
    EXPECT_FALSE(all.leave(shop, {0, 0}));
    EXPECT_FALSE(all.leave(shop, {7, 0})); // nobody's
    ASSERT_NE(all.find(shop), nullptr);
    EXPECT_TRUE(all.leave(shop, {1, 0}));
    EXPECT_EQ(all.find(shop), nullptr);
    EXPECT_FALSE(all.leave(shop, {1, 0}));
}

TEST(a_roster, has_one_seat_for_the_paths_of_an_ingress_that_lead_to_the_same_service) {
    const auto route = [](std::string name, std::string label, std::string upstream) {
        model::route out;
        out.name = std::move(name);
        out.counted_as = std::move(label);
        out.tracks.emplace_back().name = "stable";
        out.tracks.front().upstream = std::move(upstream);
        return out;
    };
    const auto key = [](const model::route& of) { return roster::key_of(of, of.tracks.front()); };
    const auto a = route("ns/i/0/0", "ns/i", "ns/s:80"), b = route("ns/i/0/1", "ns/i", "ns/s:80");
    EXPECT_EQ(key(a), key(b));
    EXPECT_NE(key(a), key(route("ns/i/0/2", "ns/i", "ns/s:81")));
    EXPECT_NE(key(a), key(route("ns/j/0/0", "ns/j", "ns/s:80")));
    EXPECT_NE(key(route("a", "", "")), key(route("b", "", "")));
}

} // namespace
} // namespace adit::upstream
