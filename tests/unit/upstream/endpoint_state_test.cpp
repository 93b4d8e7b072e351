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

TEST(a_roster, keeps_states_while_their_addresses_stay) {
    roster all;
    const auto first = all.seat("shop", "stable", true, list_of({1, 2}), 100).endpoints;
    EXPECT_EQ(first[0].state->text(), "127.0.0.1:1");
    EXPECT_EQ(first[0].state->added(), 0);
    const auto second = all.seat("shop", "stable", true, list_of({2, 3}), 200).endpoints;
    EXPECT_EQ(second[0].state, first[1].state);
    EXPECT_EQ(second[1].state->added(), 200); // new to a track that was there
    const auto canary = all.seat("shop", "canary", false, list_of({2}), 300).endpoints;
    EXPECT_NE(canary[0].state, second[0].state); // another track, another record

    const auto [track, place] = all.find(*second[1].state);
    ASSERT_NE(track, nullptr);
    EXPECT_EQ(track->name, "stable");
    EXPECT_EQ(place, 1u);
    EXPECT_EQ(all.find(*first[0].state).first, nullptr);
    all.keep_only({{"shop", "canary"}});
    EXPECT_EQ(all.find("shop", "stable"), nullptr);
    EXPECT_NE(all.find("shop", "canary"), nullptr);
}

} // namespace
} // namespace adit::upstream
