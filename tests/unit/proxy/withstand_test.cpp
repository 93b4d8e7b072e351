// Being full: the newest are turned away by name, and who is in stays in.
#include "unit/proxy/stage.hpp"

#include <gmock/gmock.h>

namespace adit::proxy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using tests::stage;

constexpr std::string_view elsewhere = "GET / HTTP/1.1\r\nHost: elsewhere.test\r\n\r\n";
constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n";
constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Does it on the worker's thread, between two turns.
void on_worker(stage& on, const std::function<void()>& what) {
    std::promise<void> done;
    on.worker.loop.post([&] {
        what();
        done.set_value();
    });
    done.get_future().wait();
}

TEST(a_full_worker, sheds_the_newest_for_want_of_memory_and_recovers) {
    model::gateway wish;
    wish.limits.memory = 1 << 30;
    stage on(wish);
    auto old = on.client(), busy = on.client();
    old.send(elsewhere);
    old.read_to("no-route\n");
    busy.send(get);
    auto up = on.upstream();
    up.read_to("\r\n\r\n");
    on.pressure().memory = true;
    const auto answer = on.client().read_to_end();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("reason: overloaded-memory\n"));
    old.send(elsewhere); // a new exchange, on a connection however old
    EXPECT_THAT(old.read_to_end(), HasSubstr("reason: overloaded-memory\n"));
    EXPECT_EQ(on.refusals(http::refusal::overloaded_memory), 2u);
    up.send(ok); // what is under way ends as ever
    EXPECT_THAT(busy.read_to("ok"), StartsWith("HTTP/1.1 200 "));
    on.pressure().memory = false;
    busy.send(elsewhere);
    EXPECT_THAT(busy.read_to("no-route\n"), StartsWith("HTTP/1.1 404 "));
    old.reset(); // until then its connection lingers, and counts
    for (int turn = 0; turn < 1000 && on.pressure().connections.load() > 1; ++turn) on_worker(on, [] {});
    EXPECT_EQ(on.pressure().connections.load(), 1u);
}

TEST(a_full_worker, bounds_what_is_in_flight) {
    model::gateway wish;
    wish.limits.in_flight = 1;
    stage on(wish);
    auto first = on.client(), second = on.client();
    first.send(get);
    auto up = on.upstream();
    up.read_to("\r\n\r\n");
    second.send(get);
    EXPECT_THAT(second.read_to_end(), HasSubstr("reason: overloaded-in-flight\n"));
    up.send(ok);
    first.read_to("ok");
    first.send(elsewhere); // refused exchanges count while they last, and no longer
    EXPECT_THAT(first.read_to("no-route\n"), StartsWith("HTTP/1.1 404 "));
    first.send(get);
    up.read_to("\r\n\r\n");
    EXPECT_EQ(on.pressure().exchanges.load(), 1u);
    first.reset(); // cut off in the middle
    EXPECT_EQ(up.read_to_end(), "");
    on_worker(on, [] {});
    EXPECT_EQ(on.pressure().exchanges.load(), 0u);
    EXPECT_EQ(on.refusals(http::refusal::overloaded_in_flight), 1u);
}

TEST(a_full_worker, rests_before_descriptors_run_out) {
    stage on;
    on_worker(on, [&] { on.pressure().descriptor_ceiling = 0; });
    EXPECT_THAT(on.client().read_to_end(), HasSubstr("reason: overloaded-descriptors\n"));
    auto waiting = on.client(); // in the kernel's queue until the listener has rested
    waiting.send(elsewhere);
    on_worker(on, [&] {
        EXPECT_EQ(on.worker.counters().accept_pauses.value(), 1u);
        on.pressure().descriptor_ceiling = std::numeric_limits<int>::max();
    });
    EXPECT_THAT(waiting.read_to("no-route\n"), StartsWith("HTTP/1.1 404 "));
    EXPECT_EQ(on.refusals(http::refusal::overloaded_descriptors), 1u);
}

} // namespace
} // namespace adit::proxy
