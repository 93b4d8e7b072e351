#include "upstream/endpoint_set.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace adit::upstream {
namespace {

net::tcp::endpoint at(std::uint16_t port) {
    return {boost::asio::ip::address_v4::loopback(), port};
}

endpoint_entry entry(std::uint16_t port) {
    endpoint_entry out;
    out.address = at(port);
    out.state = std::make_shared<endpoint_state>(to_text(out.address), 0);
    return out;
}

endpoint_entry leaving(std::uint16_t port, bool serving = true) {
    auto out = entry(port);
    out.ready = false;
    out.serving = serving;
    out.terminating = true;
    return out;
}

std::uint16_t port_of(const endpoint* one) {
    return one ? one->entry().address.port() : std::uint16_t{0};
}

class an_endpoint_set : public testing::Test {
protected:
    std::vector<int> take(int count) {
        std::vector<int> out;
        for (int i = 0; i < count; ++i) out.push_back(port_of(set.pick_next()));
        return out;
    }

    net::loop loop;
    observe::worker_counters counters;
    net::tls_wire wire;
    pools all{loop, counters, wire};
    endpoint_set set;
};

TEST_F(an_endpoint_set, takes_turns_from_a_place_of_its_own) {
    EXPECT_TRUE(set.empty());
    EXPECT_EQ(set.pick_next(), nullptr);
    set.replace(all, {entry(1), entry(2), entry(3)}, {}, nullptr, 4);
    EXPECT_EQ(take(3), (std::vector<int>{2, 3, 1}));
    const auto* second = set.all()[1].get();
    EXPECT_EQ(port_of(set.pick_next(second)), 3);
    set.replace(all, {entry(1)}, {}, nullptr, 7);
    EXPECT_EQ(take(2), (std::vector<int>{1, 1}));
    EXPECT_EQ(port_of(set.pick_next(set.all()[0].get())), 1); // there is no other
    set.replace(all, {}, {}, nullptr, 7);
    EXPECT_EQ(set.pick_next(), nullptr);
}

TEST_F(an_endpoint_set, counts_an_address_once) {
    set.replace(all, {entry(1), entry(2), entry(1)}, {}, nullptr, 0);
    EXPECT_EQ(take(3), (std::vector<int>{1, 2, 1}));
}

TEST_F(an_endpoint_set, keeps_what_stays_and_lets_the_rest_go) {
    const auto stays = entry(2);
    set.replace(all, {entry(1), stays}, {}, nullptr, 0);
    const endpoint_ref first = set.all()[0], second = set.all()[1];
    set.replace(all, {stays, entry(3)}, {}, nullptr, 0);
    EXPECT_EQ(set.all()[0], second);
    EXPECT_EQ(all.size(), 2u);
    EXPECT_EQ(first->text(), "127.0.0.1:1"); // still told by the exchange that it carried
    set.clear();
    EXPECT_EQ(all.size(), 0u);
}

TEST_F(an_endpoint_set, sends_to_the_best_that_there_is) {
    struct row {
        const char* what;
        endpoint_list list;
        std::vector<std::size_t> sick;
        tier wanted;
        std::vector<int> picks;
    };
    auto not_ready = entry(9);
    not_ready.ready = false;
    const row rows[]{
        {"nobody", {}, {}, tier::none, {0}},
        {"not ready alone: never", {not_ready}, {}, tier::none, {0}},
        {"terminating without serving: never", {leaving(1, false)}, {}, tier::none, {0}},
        {"ready before terminating", {leaving(1), entry(2)}, {}, tier::healthy, {2, 2}},
        {"terminating where none is ready",
         {leaving(1), not_ready, leaving(2)},
         {},
         tier::winding_down,
         {1, 2}},
        {"healthy before others", {entry(1), entry(2), entry(3)}, {1}, tier::healthy, {1, 3, 1}},
        {"all where none is healthy", {entry(1), entry(2)}, {0, 1}, tier::unhealthy, {1, 2}},
        {"unhealthy before terminating", {entry(1), leaving(2)}, {0}, tier::unhealthy, {1, 1}},
    };
    for (const auto& one : rows) {
        for (const auto index : one.sick) one.list[index].state->healthy(false);
        set.replace(all, one.list, {}, nullptr, 0);
        EXPECT_EQ(set.tier(), one.wanted) << one.what;
        EXPECT_EQ(take(static_cast<int>(one.picks.size())), one.picks) << one.what;
    }
}

TEST_F(an_endpoint_set, sees_a_change_of_health_when_it_is_told) {
    const endpoint_list list{entry(1), entry(2)};
    set.replace(all, list, {}, nullptr, 0);
    list[0].state->healthy(false);
    set.refresh();
    EXPECT_EQ(take(2), (std::vector<int>{2, 2}));
    list[0].state->healthy(true);
    set.refresh();
    EXPECT_EQ(take(2), (std::vector<int>{2, 1}));
}

} // namespace
} // namespace adit::upstream
