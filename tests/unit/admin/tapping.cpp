// GET /api/v1/tap over real sockets.
#include "rig.hpp"

#include "admin/tap_query.hpp"

#include <gmock/gmock.h>

namespace adit::admin::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string tap(std::string_view query = {}) {
    return "GET /api/v1/tap" + std::string(query) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

observe::tap_batch batch(std::vector<std::string> exchanges) {
    observe::tap_batch out;
    out.exchanges = std::move(exchanges);
    return out;
}

TEST(tap_query, is_read) {
    const auto got = read_tap_query(
        {{"route", "shop"},
         {"track", "canary"},
         {"status", "5xx"},
         {"method", "GET"},
         {"path", "/a b"},
         {"min_duration", "1s500ms"},
         {"reason", "dice"},
         {"end", "done"},
         {"rate", "7"}}
    );
    const auto& wish = std::get<observe::tap_wish>(got);
    EXPECT_EQ(wish.filter.route, "shop");
    EXPECT_EQ(wish.filter.track, "canary");
    EXPECT_EQ(wish.filter.status_class, 5);
    EXPECT_EQ(wish.filter.method, "GET");
    EXPECT_EQ(wish.filter.path, "/a b");
    EXPECT_EQ(wish.filter.least, std::chrono::milliseconds(1500));
    EXPECT_EQ(wish.filter.reason, "dice");
    EXPECT_EQ(wish.filter.end, "done");
    EXPECT_EQ(wish.rate, 7u);
    EXPECT_EQ(std::get<observe::tap_wish>(read_tap_query({})).rate, 100u);
}

TEST(tapping, refuses_what_cannot_be_meant) {
    rig it;
    const std::pair<const char*, const char*> rows[]{
        {"?status=6xx", "status"},
        {"?rate=0", "rate"},
        {"?rate=10001", "rate"},
        {"?rate=x", "rate"},
        {"?min_duration=5", "min_duration"},
        {"?tracks=a", "tracks"},
    };
    for (const auto& [query, key] : rows) {
        const auto answer = it.ask(tap(query));
        EXPECT_EQ(answer.status, 400U) << query;
        EXPECT_EQ(answer.object().at("key"), key) << query;
    }
    EXPECT_THAT(it.ask(tap("?tracks=a")).body, HasSubstr("did you mean track?"));
}

TEST(tapping, shows_exchanges_until_the_reader_goes) {
    rig it;
    auto reader = it.connect();
    reader.send(tap("?route=shop&rate=5"));
    EXPECT_THAT(reader.read_until("\r\n\r\n"), HasSubstr("Content-Type: text/event-stream\r\n"));
    reader.read_until(":\n\n");
    it.on_control([&] {
        EXPECT_EQ(it.gateway.last_tap.filter.route, "shop");
        EXPECT_EQ(it.gateway.last_tap.rate, 5u);
        it.gateway.hear(batch({R"({"a":1})", R"({"a":2})"}));
    });
    EXPECT_THAT(reader.read_until("\n\n"), HasSubstr("event: exchange\ndata: {\"a\":1}\n\n"));
    EXPECT_THAT(reader.read_until("\n\n"), StartsWith("event: exchange\ndata: {\"a\":2}\n\n"));
    it.on_control([&] {
        observe::tap_batch lost;
        lost.over_rate = 3;
        lost.unseen = 1;
        it.gateway.hear(lost);
    });
    EXPECT_THAT(
        reader.read_until("\n\n"),
        HasSubstr("event: lost\ndata: {\"over_rate\":3,\"late\":0,\"unseen\":1}\n\n")
    );
    reader.socket().close();
    for (int i = 0; i < 1000 && it.on_control([&] { return it.gateway.hear != nullptr; }); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_FALSE(it.on_control([&] { return it.gateway.hear != nullptr; })) << "the gateway still shows";
}

TEST(tapping, tells_a_slow_reader_what_it_missed_and_keeps_it) {
    server_options options;
    options.limits.backlog = 100'000;
    options.limits.heartbeat = std::chrono::milliseconds(50);
    rig it(options);
    auto reader = it.connect();
    reader.send(tap());
    reader.read_until(":\n\n");
    // More than the kernel holds for a reader, in few steps.
    constexpr int steps = 200, each = 50, sent = steps * each;
    const std::string text = R"({"text":")" + std::string(1'000, 'x') + R"("})";
    const auto some = batch(std::vector<std::string>(each, text));
    for (int i = 0; i < steps; ++i) it.on_control([&] { it.gateway.hear(some); });
    int shown = 0, late = 0;
    while (shown + late < sent) {
        const auto event = reader.read_until("\n\n");
        shown += event.find("event: exchange\n") != std::string::npos;
        if (const auto at = event.find("\"late\":"); at != std::string::npos)
            late += std::atoi(event.c_str() + at + 7);
        ASSERT_FALSE(HasFailure());
    }
    EXPECT_EQ(shown + late, sent);
    EXPECT_GT(late, 0);
}

TEST(tapping, has_a_bounded_number_of_readers) {
    server_options options;
    options.limits.taps = 1;
    rig it(options);
    auto one = it.connect();
    one.send(tap());
    one.read_until(":\n\n");
    EXPECT_EQ(it.ask(tap()).problem(), "too-many-streams");
    it.on_control([&] { it.api->stop(); });
    EXPECT_THAT(one.read_to_end(), HasSubstr("0\r\n\r\n"));
}

TEST(tapping, head_asks_nobody) {
    rig it;
    auto one = it.connect();
    const auto head = one.ask("HEAD /api/v1/tap HTTP/1.1\r\nHost: localhost\r\n\r\n", false);
    EXPECT_EQ(head.status, 200U);
    EXPECT_TRUE(one.ended());
    EXPECT_FALSE(it.on_control([&] { return it.gateway.hear != nullptr; }));
}

} // namespace
} // namespace adit::admin::test
