// GET /api/v1/events over real sockets, and the hub behind it.
#include "rig.hpp"

#include "admin/event_hub.hpp"

#include <gmock/gmock.h>

namespace adit::admin::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::string events(std::string_view more = {}) {
    return "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n";
}

event numbered(int number) {
    return {"test", {{"number", number}}};
}

// The id of the first event in `text`.
std::string id_of(const std::string& text) {
    const auto at = text.find("id: ") + 4;
    return text.substr(at, text.find('\n', at) - at);
}

TEST(streams, events_arrive_as_they_happen) {
    rig it;
    auto reader = it.connect();
    reader.send(events());
    const auto head = reader.read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
    reader.read_until("retry: 2000\n\n");
    EXPECT_EQ(it.ask(with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 12.5})")).status, 200U);
    EXPECT_THAT(
        reader.read_until("\n\n"),
        HasSubstr(
            "\nevent: weights\ndata: {\"route\":\"shop\",\"generation\":8,\"weights_from\":\"override\","
            "\"before\":{\"stable\":95,\"canary\":5},\"after\":{\"stable\":87.5,\"canary\":12.5},"
            "\"by\":\"anonymous@127.0.0.1\",\"at\":\""
        )
    );
}

TEST(streams, missed_events_are_replayed) {
    rig it;
    auto reader = it.connect();
    reader.send(events());
    reader.read_until("retry: 2000\n\n");
    it.on_control([&] { it.gateway.tell(numbered(1)); });
    const auto seen = id_of(reader.read_until("\n\n"));
    reader.socket().close();
    it.on_control([&] {
        it.gateway.tell(numbered(2));
        it.gateway.tell(numbered(3));
    });
    auto again = it.connect();
    again.send(events("Last-Event-ID: " + seen + "\r\n"));
    again.read_until("retry: 2000\n\n");
    EXPECT_THAT(again.read_until("\n\n"), HasSubstr("\"number\":2,"));
    EXPECT_THAT(again.read_until("\n\n"), HasSubstr("\"number\":3,"));
    it.on_control([&] { it.gateway.tell(numbered(4)); });
    EXPECT_THAT(again.read_until("\n\n"), HasSubstr("\"number\":4,"));
}

TEST(streams, chunks_are_whole_and_the_stream_ends_with_the_server) {
    rig it;
    auto reader = it.connect();
    reader.send(events());
    EXPECT_THAT(reader.read_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_EQ(reader.read_until("\n\n\r\n"), "d\r\nretry: 2000\n\n\r\n");
    it.on_control([&] { it.api->stop(); });
    EXPECT_EQ(reader.read_to_end(), "0\r\n\r\n");
}

TEST(streams, old_clients_read_until_the_end) {
    rig it;
    auto reader = it.connect();
    reader.send("GET /api/v1/events HTTP/1.0\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(reader.read_until("\r\n\r\n"), Not(HasSubstr("chunked")));
    EXPECT_EQ(reader.read_until("\n\n"), "retry: 2000\n\n");
    it.on_control([&] { it.api->stop(); });
    EXPECT_EQ(reader.read_to_end(), "");
}

TEST(streams, head_has_no_stream) {
    rig it;
    auto one = it.connect();
    const auto head = one.ask("HEAD /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n", false);
    EXPECT_EQ(head.fields.at("content-type"), "text/event-stream");
    EXPECT_TRUE(one.ended());
}

TEST(streams, heartbeats_keep_a_quiet_stream_alive) {
    server_options options;
    options.limits.heartbeat = std::chrono::milliseconds(20);
    rig it(options);
    auto reader = it.connect();
    reader.send(events());
    reader.read_until("retry: 2000\n\n");
    reader.read_until(":\n\n");
    reader.read_until(":\n\n");
}

TEST(streams, a_reader_that_does_not_read_is_dropped) {
    server_options options;
    options.limits.backlog = 64 * 1024;
    rig it(options);
    auto slow = it.connect();
    const int small = 4096;
    ::setsockopt(slow.socket().native_handle(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    slow.send(events());
    slow.read_until("retry: 2000\n\n");
    const event large{"test", {{"text", std::string(16 * 1024, 'x')}}};
    // The kernel's own buffers come first; they are a few megabytes at most.
    for (int i = 0; i < 4096 && it.on_control([&] { return it.api->connections() != 0; }); ++i)
        it.on_control([&] { it.gateway.tell(large); });
    EXPECT_EQ(it.on_control([&] { return it.api->connections(); }), 0U);
}

TEST(streams, a_reader_that_goes_is_forgotten) {
    rig it;
    {
        auto reader = it.connect();
        reader.send(events());
        reader.read_until("retry: 2000\n\n");
    }
    while (it.on_control([&] { return it.api->connections() != 0; })) std::this_thread::yield();
    it.on_control([&] { it.gateway.tell(numbered(1)); });
}

TEST(streams, readers_are_limited) {
    server_options options;
    options.limits.streams = 1;
    rig it(options);
    auto reader = it.connect();
    reader.send(events());
    reader.read_until("retry: 2000\n\n");
    const auto refused = it.ask(events());
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.problem(), "too-many-streams");
}

struct recorder : event_reader {
    std::string text;
    void push(const std::string& frame) override { text += frame; }
};

class hub_of_three : public testing::Test {
protected:
    asio::io_context context;
    event_hub hub{context, 3, std::chrono::seconds(15)};
    std::shared_ptr<recorder> reader = std::make_shared<recorder>();

    std::string id(int number) {
        const auto last = id_of(reader->text);
        return last.substr(0, last.find('-') + 1) + std::to_string(number);
    }
    void SetUp() override {
        hub.add(reader);
        for (int i = 1; i <= 5; ++i) hub.publish(numbered(i));
    }
};

TEST_F(hub_of_three, frames_have_id_name_and_time) {
    EXPECT_THAT(
        reader->text.substr(0, reader->text.find("\n\n") + 2),
        MatchesRegex("id: [0-9a-f]+-1\nevent: test\ndata: \\{\"number\":1,\"at\":\"[-0-9]+T[:.0-9]+Z\"\\}\n\n"
        )
    );
}

TEST_F(hub_of_three, keeps_as_many_as_it_was_told_to) {
    EXPECT_EQ(hub.greeting(""), "retry: 2000\n\n");
    EXPECT_EQ(hub.greeting(id(5)), "retry: 2000\n\n");
    EXPECT_THAT(hub.greeting(id(4)), Not(HasSubstr("gap")));
    EXPECT_THAT(hub.greeting(id(4)), Not(HasSubstr("\"number\":4,")));
    EXPECT_THAT(hub.greeting(id(4)), HasSubstr("\"number\":5,"));
    EXPECT_THAT(hub.greeting(id(2)), Not(HasSubstr("gap")));
    EXPECT_THAT(hub.greeting(id(2)), HasSubstr("\"number\":3,"));
    EXPECT_THAT(hub.greeting(id(1)), HasSubstr("event: gap\n"));
    EXPECT_THAT(hub.greeting(id(1)), HasSubstr("\"number\":3,"));
}

TEST_F(hub_of_three, ids_of_another_life_are_a_gap) {
    for (const auto* strange : {"0-5", "5", "-", "abc", "0-99999999999999999999999"}) {
        EXPECT_THAT(hub.greeting(strange), HasSubstr("event: gap\n")) << strange;
        EXPECT_THAT(hub.greeting(strange), HasSubstr("\"number\":3,")) << strange;
    }
    EXPECT_THAT(hub.greeting(id(6)), HasSubstr("event: gap\n")); // not yet given out
}

TEST_F(hub_of_three, says_nothing_after_stop) {
    hub.stop();
    reader->text.clear();
    hub.publish(numbered(6));
    EXPECT_EQ(reader->text, "");
    EXPECT_EQ(hub.readers(), 0U);
    context.run(); // no timer is left
}

TEST(timestamp, is_rfc_3339) {
    using namespace std::chrono;
    EXPECT_EQ(
        timestamp(system_clock::time_point{milliseconds{1'000'000'000'007}}), "2001-09-09T01:46:40.007Z"
    );
}

} // namespace
} // namespace adit::admin::test
