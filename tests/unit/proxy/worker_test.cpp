// A worker as a whole, where a peer's timing or a full buffer matters. What bytes mean is for the wire tests.
#include "unit/proxy/stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace adit::proxy {
namespace {

using tests::stage;
using namespace std::chrono_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n";
const std::string elsewhere = "GET / HTTP/1.1\r\nHost: x.test\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string end_of_head = "\r\n\r\n";

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
    return n;
}

TEST(a_worker, serves_one_request_after_the_other) {
    stage on;
    auto client = on.client();
    client.send(get);
    auto up = on.upstream();
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(up.read_to(end_of_head), testing::StartsWith("GET / HTTP/1.1\r\nHost: shop.test\r\n"));
        up.send(ok);
        EXPECT_THAT(client.read_to("ok"), testing::StartsWith("HTTP/1.1 200 OK\r\n"));
        client.send(get);
    }
}

// The endpoint has answered before it had all of the request, is let go, and the end of its answer is still
// on the way to a slow client, which goes on with its body.
TEST(a_worker, has_nobody_to_give_a_body_to_after_an_early_answer) {
    stage on({}, 1);
    auto client = on.client(1);
    client.send("POST / HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n");
    auto up = on.upstream();
    up.read_to(end_of_head);
    const std::string body(40'000, 'x');
    up.send("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + body);
    EXPECT_EQ(up.read_to_end(), ""); // let go
    for (int i = 0; i < 10; ++i) {
        client.send("5\r\nhello\r\n");
        on.ask([&](auto done) { on.worker.apply(std::make_shared<update>(), done); }); // a turn of the loop
    }
    const auto head = client.read_to(end_of_head);
    EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(head, testing::HasSubstr("Connection: close\r\n"));
    EXPECT_EQ(client.read_to_end(), body);
}

TEST(a_worker, answers_thousands_that_come_at_once_without_holding_their_answers) {
    stage on({}, 1);
    auto client = on.client();
    constexpr std::size_t many = 10'000;
    std::string all;
    for (std::size_t i = 0; i < many; ++i) all += elsewhere;
    std::thread sending([&] { client.send(all); });
    std::string got;
    for (std::size_t i = 0; i < many; ++i) got += client.read_to("reason: no-route\n");
    sending.join();
    EXPECT_EQ(count(got, "404 Not Found\r\n"), many);
    EXPECT_EQ(on.refusals(http::refusal::no_route), many);
}

TEST(a_worker, turns_away_who_comes_when_all_places_are_taken) {
    model::gateway wish;
    wish.limits.connections = 2;
    stage on(wish);
    auto first = on.client(), second = on.client();
    first.send(elsewhere);
    first.read_to("no-route\n");
    second.send(elsewhere);
    second.read_to("no-route\n");
    auto third = on.client();
    const auto answer = third.read_to_end();
    EXPECT_THAT(answer, testing::StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(answer, testing::HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, testing::HasSubstr("reason: overloaded\n"));
    EXPECT_EQ(on.refusals(http::refusal::overloaded), 1u);
    first.send(elsewhere); // those who are in stay in
    EXPECT_THAT(first.read_to("no-route\n"), testing::HasSubstr("404"));
    // What was turned away takes no place while it lingers: one goes, one may come.
    second.reset();
    while (on.worker.counters().closed.value() == 0) std::this_thread::yield();
    auto fourth = on.client();
    fourth.send(elsewhere);
    EXPECT_THAT(fourth.read_to("no-route\n"), testing::HasSubstr("404"));
}

// While the client's body is awaited it is the client's time that runs, however short the other one is.
TEST(a_worker, blames_the_client_for_a_body_that_does_not_come) {
    model::gateway wish;
    wish.timeouts.first_byte = 1ms;
    wish.timeouts.body = 300ms;
    stage on(wish);
    auto client = on.client();
    client.send("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\nhello");
    EXPECT_THAT(client.read_to_end(), testing::StartsWith("HTTP/1.1 408 "));
    client = on.client();
    client.send("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_THAT(client.read_to(end_of_head), testing::StartsWith("HTTP/1.1 504 "));
}

TEST(a_worker, that_drains_still_answers_what_has_come) {
    stage on;
    auto quiet = on.client();
    quiet.send(elsewhere);
    quiet.read_to("no-route\n");
    auto again = on.client();
    again.send(elsewhere);
    again.read_to("no-route\n");
    auto go = on.hold();
    auto late = on.client();
    late.send(elsewhere);
    again.send(elsewhere);
    on.ask([&](auto done) {
        on.worker.drain(done);
        go.set_value();
        EXPECT_EQ(quiet.read_to_end(), "");
        EXPECT_THAT(late.read_to_end(), testing::HasSubstr("404 Not Found"));
        EXPECT_THAT(again.read_to_end(), testing::HasSubstr("404 Not Found"));
    });
}

TEST(a_worker, stops_in_the_middle_of_everything) {
    stage on;
    auto idle = on.client(), reading = on.client(), waiting = on.client(), sending = on.client(),
         tunnel = on.client(), lingering = on.client();
    idle.send(elsewhere);
    idle.read_to("no-route\n");
    waiting.send(get);
    auto first = on.upstream();
    first.read_to(end_of_head);
    sending.send("POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\nhello");
    auto second = on.upstream();
    second.read_to("hello");
    tunnel.send("GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    auto third = on.upstream();
    third.read_to(end_of_head);
    third.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst");
    tunnel.read_to("first");
    auto& gauges = on.worker.counters();
    EXPECT_EQ(gauges.connection(observe::connection_state::tunnel).value(), 1);
    lingering.send("nonsense\r\n\r\n");
    lingering.read_to_end();
    reading.send("GET / HTT");
    on.worker.stop();
    for (auto* one : {&idle, &reading, &waiting, &sending, &tunnel, &first, &second, &third})
        EXPECT_EQ(one->read_to_end(), "");
    for (auto state :
         {observe::connection_state::idle, observe::connection_state::reading,
          observe::connection_state::active, observe::connection_state::tunnel})
        EXPECT_EQ(gauges.connection(state).value(), 0);
    EXPECT_EQ(gauges.accepted.value(), gauges.closed.value());
}

// Both ways, each direction ends on its own, and bytes right behind the 101 are not lost.
TEST(a_worker, carries_a_tunnel_whose_sides_end_one_after_the_other) {
    stage on;
    auto client = on.client();
    client.send("GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly "
    );
    auto up = on.upstream();
    up.read_to(end_of_head);
    up.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbehind");
    EXPECT_THAT(client.read_to("behind"), testing::StartsWith("HTTP/1.1 101 "));
    client.send("bird");
    ::shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(up.read_to_end(), "early bird");
    const std::string much(3'000'000, 'x');
    std::thread sending([&] {
        up.send(much);
        up.reset();
    });
    EXPECT_TRUE(client.read_to_end() == much);
    sending.join();
}

} // namespace
} // namespace adit::proxy
