// Leaving: what is said, in which order, and what nobody loses by it.
#include "unit/proxy/stage.hpp"

#include "http/websocket.hpp"

#include <gmock/gmock.h>

namespace adit::proxy {
namespace {

using tests::handle;
using tests::stage;

constexpr std::string_view elsewhere = "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n";
constexpr std::string_view upgrade =
    "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
constexpr std::string_view switching =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
constexpr std::string_view end_of_head = "\r\n\r\n";
// "Hello" as a text frame, and a client's close frame that answers 1012.
const std::string hello{"\x81\x05Hello", 7};
const std::string masked_close{"\x88\x82\0\0\0\0\x03\xf4", 8};
const std::string farewell{http::close_service_restart};

struct websocket {
    websocket(stage& on, const std::string& first) : client(on.client()) {
        client.send(upgrade);
        endpoint = on.upstream();
        endpoint.read_to(end_of_head);
        endpoint.send(std::string(switching) + first);
        client.read_to(end_of_head);
    }
    handle client, endpoint;
};

// Until the worker has done what was asked of it so far.
void settle(stage& on) {
    std::promise<void> done;
    on.worker.loop.post([&] { done.set_value(); });
    done.get_future().wait();
}

TEST(a_worker_that_leaves, announces_it_and_goes_on) {
    stage on;
    auto before = on.client();
    before.send(elsewhere);
    EXPECT_THAT(before.read_to("no-route\n"), testing::Not(testing::HasSubstr("Connection: close")));
    on.worker.announce_drain();
    settle(on);
    before.send(elsewhere);
    EXPECT_THAT(before.read_to_end(), testing::HasSubstr("\r\nConnection: close\r\n"));
    auto after = on.client();
    after.send(elsewhere);
    EXPECT_THAT(after.read_to_end(), testing::HasSubstr("\r\nConnection: close\r\n"));
}

TEST(a_worker_that_leaves, waits_for_the_first_request_of_who_was_let_in) {
    stage on;
    auto go = on.hold();
    auto late = on.client();
    on.ask([&](auto done) {
        on.worker.drain(done);
        go.set_value();
        while (on.worker.counters().accepted.value() == 0) std::this_thread::yield();
        late.send(elsewhere);
        EXPECT_THAT(late.read_to_end(), testing::HasSubstr("404 Not Found"));
    });
    EXPECT_EQ(on.worker.counters().closed.value(), 1u);
}

TEST(a_worker_that_leaves, says_farewell_between_two_frames) {
    stage on;
    websocket one(on, hello);
    EXPECT_EQ(one.client.read_to("Hello"), hello);
    on.ask([&](auto done) {
        on.worker.drain(done);
        EXPECT_EQ(one.client.read_to(farewell), farewell);
        one.client.send(masked_close);
        EXPECT_EQ(one.endpoint.read_to(masked_close), masked_close)
            << "the endpoint hears it from the client";
        one.endpoint.send(hello); // behind the close frame nothing may follow
        one.endpoint.reset();
        EXPECT_EQ(one.client.read_to_end(), "");
        one.client.reset();
    });
}

TEST(a_worker_that_leaves, waits_for_the_end_of_a_frame) {
    stage on;
    websocket one(on, hello + "\x82\x05w");
    EXPECT_EQ(one.client.read_to("w"), hello + "\x82\x05w");
    on.ask([&](auto done) {
        on.worker.drain(done);
        settle(on);
        one.endpoint.send("orld" + hello);
        EXPECT_EQ(one.client.read_to(farewell), "orld" + farewell);
        one.endpoint.reset();
        one.client.reset();
    });
}

TEST(a_worker_that_leaves, adds_nothing_to_a_close_frame) {
    stage on;
    const std::string their_own{"\x88\x02\x03\xe8", 4};
    websocket one(on, their_own);
    EXPECT_EQ(one.client.read_to("\xe8"), their_own);
    on.ask([&](auto done) {
        on.worker.drain(done);
        one.client.send(masked_close);
        EXPECT_EQ(one.endpoint.read_to(masked_close), masked_close);
        one.endpoint.reset();
        EXPECT_EQ(one.client.read_to_end(), "");
        one.client.reset();
    });
}

// A client that does not answer the close frame has a moment, no more.
TEST(a_worker_that_leaves, does_not_wait_for_a_silent_client) {
    stage on;
    websocket one(on, hello);
    EXPECT_EQ(one.client.read_to("Hello"), hello);
    on.ask([&](auto done) {
        on.worker.drain(done);
        EXPECT_EQ(one.client.read_to_end(), farewell);
        EXPECT_EQ(one.endpoint.read_to_end(), "");
        one.client.reset();
    });
}

} // namespace
} // namespace adit::proxy
