#include "net/loop.hpp"

#include "unit/net/loop_thread.hpp"

#include <gtest/gtest.h>

#include <sys/epoll.h>

#include <atomic>
#include <memory>
#include <tuple>
#include <vector>

namespace adit::net {
namespace {

using tests::loop_thread;

TEST(loop, runs_every_message_in_the_order_of_its_thread) {
    loop_thread on;
    constexpr int threads = 4, each = 2000;
    std::vector<int> last(threads, -1);
    std::atomic<bool> disordered{false};
    std::atomic<int> ran{0};
    std::vector<std::thread> posting;
    for (int t = 0; t < threads; ++t)
        posting.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
                on.loop.post([&, t, i] {
                    auto& before = last[static_cast<std::size_t>(t)];
                    if (before + 1 != i) disordered = true;
                    before = i;
                    ++ran;
                });
        });
    for (auto& one : posting) one.join();
    EXPECT_TRUE(on.until([&] { return ran == threads * each; }));
    EXPECT_FALSE(disordered);
}

TEST(loop, a_message_may_post_another) {
    loop_thread on;
    std::promise<void> done;
    on.loop.post([&] { on.loop.post([&] { done.set_value(); }); });
    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(loop, tells_of_deadlines_but_not_of_cancelled_ones) {
    loop_thread on;
    struct count {
        std::atomic<int> fired{0};
        deadline timer{[](void* self) { ++static_cast<count*>(self)->fired; }, this};
    } soon, cancelled, moved, later;
    on.run([&] {
        on.loop.set(soon.timer, std::chrono::milliseconds(50));
        on.loop.set(cancelled.timer, std::chrono::milliseconds(50));
        on.loop.cancel(cancelled.timer);
        on.loop.set(moved.timer, std::chrono::milliseconds(50));
        on.loop.set(moved.timer, std::chrono::hours(1));
        on.loop.set(later.timer, std::chrono::milliseconds(250));
    });
    EXPECT_TRUE(on.until([&] { return later.fired == 1; }));
    EXPECT_EQ(soon.fired, 1);
    EXPECT_EQ(cancelled.fired, 0);
    EXPECT_EQ(moved.fired, 0);
}

struct probe final : pollable {
    void ready(std::uint32_t events) override {
        ++told;
        seen |= events;
        if (on_ready) on_ready();
    }
    std::function<void()> on_ready;
    int told = 0;
    std::uint32_t seen = 0;
};

// Two are ready in one turn; whichever is told first gives the other a new descriptor: what was meant for the
// old one must not arrive.
TEST(loop, keeps_events_of_an_ended_registration_to_itself) {
    loop_thread on;
    tests::handle a, a_peer, b, b_peer, fresh, fresh_peer;
    std::tie(a, a_peer) = tests::socket_pair();
    std::tie(b, b_peer) = tests::socket_pair();
    std::tie(fresh, fresh_peer) = tests::socket_pair();
    probe one, other;
    const auto take_from = [&](probe& victim, tests::handle& old) {
        return [&] {
            if (one.told + other.told != 1) return;
            old.reset();
            EXPECT_TRUE(on.loop.add(victim, fresh.get(), EPOLLIN | EPOLLET));
        };
    };
    one.on_ready = take_from(other, b);
    other.on_ready = take_from(one, a);
    on.run([&] {
        EXPECT_TRUE(on.loop.add(one, a.get(), EPOLLIN | EPOLLET));
        EXPECT_TRUE(on.loop.add(other, b.get(), EPOLLIN | EPOLLET));
        a_peer.send("x");
        b_peer.send("x");
    });
    EXPECT_TRUE(on.until([&] { return one.told + other.told > 0; }));
    EXPECT_EQ(on.run([&] { return one.told + other.told; }), 1);
    fresh_peer.send("x");
    EXPECT_TRUE(on.until([&] { return one.told + other.told == 2; }));
    on.run([&] { a.reset(), b.reset(), fresh.reset(); });
}

TEST(loop, has_a_date_of_29_bytes) {
    loop here;
    EXPECT_EQ(here.date().size(), 29u);
    EXPECT_EQ(here.date().substr(3, 2), ", ");
    EXPECT_EQ(here.date().substr(25), " GMT");
}

} // namespace
} // namespace adit::net
