// The wheel under a clock of the test's own: never early, at most a tick late.
#include "core/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

namespace adit {

namespace {

constexpr instant tick = 100;
constexpr auto turn = static_cast<instant>(timer_wheel::slots) * tick;

std::vector<const timer*> fired_at(timer_wheel& wheel, instant now) {
    std::vector<const timer*> out;
    wheel.advance(now, [&](timer& one) {
        EXPECT_FALSE(one.is_set());
        out.push_back(&one);
    });
    return out;
}

// When `one` fires if the wheel is advanced by `step`.
std::optional<instant>
when(timer_wheel& wheel, const timer& one, instant from, instant until, instant step = 1) {
    for (auto now = from; now <= until; now += step)
        for (const auto* fired : fired_at(wheel, now))
            if (fired == &one) return now;
    return std::nullopt;
}

TEST(timer_wheel, fires_never_early_and_at_most_a_tick_late) {
    for (const instant start : {instant{1}, instant{100}, instant{12'345}, 3 * turn + 77})
        for (instant ahead = 0; ahead < 350; ahead += 7) {
            timer_wheel wheel{start, tick};
            timer one;
            wheel.set(one, start + ahead);
            EXPECT_TRUE(one.is_set());
            EXPECT_EQ(one.deadline(), start + ahead);
            const auto at = when(wheel, one, start, start + 1'000);
            ASSERT_TRUE(at) << start << " " << ahead;
            EXPECT_GE(*at, start + ahead);
            EXPECT_LE(*at, start + ahead + tick);
            EXPECT_FALSE(one.is_set());
        }
}

TEST(timer_wheel, fires_once) {
    timer_wheel wheel{0, tick};
    timer one;
    wheel.set(one, 150);
    EXPECT_EQ(fired_at(wheel, 10 * tick).size(), 1U);
    EXPECT_TRUE(fired_at(wheel, 3 * turn).empty());
}

TEST(timer_wheel, a_deadline_gone_by_fires_at_the_next_tick) {
    timer_wheel wheel{10'000, tick};
    timer one;
    wheel.set(one, 17);
    EXPECT_TRUE(fired_at(wheel, 10'050).empty());
    EXPECT_EQ(fired_at(wheel, 10'100).size(), 1U);
}

TEST(timer_wheel, waits_for_deadlines_beyond_one_turn) {
    for (const auto deadline : {turn - 1, turn, turn + 1, 2 * turn - tick, 2 * turn, 7 * turn + 33}) {
        timer_wheel wheel{0, tick};
        timer one;
        wheel.set(one, deadline);
        const auto at = when(wheel, one, 0, deadline + 2 * tick, tick);
        ASSERT_TRUE(at) << deadline;
        EXPECT_GE(*at, deadline);
        EXPECT_LE(*at, deadline + tick);
    }
}

TEST(timer_wheel, moves_away_lazily) {
    timer_wheel wheel{0, tick};
    timer one;
    wheel.set(one, 200);
    wheel.set(one, 900); // stays where it hangs
    wheel.set(one, 650); // back again, still behind that place
    EXPECT_EQ(one.deadline(), 650);
    EXPECT_EQ(when(wheel, one, 0, 2'000), 700);
}

TEST(timer_wheel, moves_nearer_at_once) {
    timer_wheel wheel{0, tick};
    timer one;
    wheel.set(one, 5'000);
    wheel.set(one, 250);
    EXPECT_EQ(when(wheel, one, 0, 6'000), 300);
}

// A keep-alive connection's deadline moves with every request.
TEST(timer_wheel, follows_a_deadline_that_keeps_moving) {
    timer_wheel wheel{0, tick};
    timer one;
    instant now = 0;
    for (; now < 3 * turn; now += 30) {
        wheel.set(one, now + 1'000);
        EXPECT_TRUE(fired_at(wheel, now).empty()) << now;
    }
    const auto last = one.deadline();
    const auto at = when(wheel, one, now, last + 2 * tick);
    ASSERT_TRUE(at);
    EXPECT_GE(*at, last);
    EXPECT_LE(*at, last + tick);
}

TEST(timer_wheel, cancelled_timers_do_not_fire) {
    timer_wheel wheel{0, tick};
    timer one, other;
    wheel.set(one, 150);
    wheel.set(other, 150);
    wheel.cancel(one);
    wheel.cancel(one);
    EXPECT_FALSE(one.is_set());
    EXPECT_EQ(fired_at(wheel, 400), std::vector<const timer*>{&other});
}

TEST(timer_wheel, cancelled_timers_can_be_set_again) {
    timer_wheel wheel{0, tick};
    timer later, sooner;
    wheel.set(later, 350);
    wheel.cancel(later);
    wheel.set(later, 750); // while it still hangs at 350
    wheel.set(sooner, 350);
    wheel.cancel(sooner);
    wheel.set(sooner, 120);
    EXPECT_EQ(fired_at(wheel, 200), std::vector<const timer*>{&sooner});
    EXPECT_TRUE(fired_at(wheel, 700).empty());
    EXPECT_EQ(fired_at(wheel, 800), std::vector<const timer*>{&later});
    wheel.set(later, 900);
    EXPECT_EQ(fired_at(wheel, 1'000), std::vector<const timer*>{&later});
}

TEST(timer_wheel, destroyed_timers_leave_the_wheel) {
    timer_wheel wheel{0, tick};
    auto before = std::make_unique<timer>(), middle = std::make_unique<timer>(),
         after = std::make_unique<timer>();
    for (auto* one : {before.get(), middle.get(), after.get()}) wheel.set(*one, 150);
    middle.reset();
    EXPECT_EQ(fired_at(wheel, 200), (std::vector<const timer*>{before.get(), after.get()}));
}

TEST(timer_wheel, timers_outlive_the_wheel) {
    timer one, cancelled;
    {
        timer_wheel wheel{0, tick};
        wheel.set(one, 150);
        wheel.set(cancelled, 150);
        wheel.cancel(cancelled);
    }
    timer_wheel other{0, tick};
    other.set(one, 350);
    EXPECT_EQ(fired_at(other, 400), std::vector<const timer*>{&one});
}

TEST(timer_wheel, firing_may_set_the_one_that_fired) {
    timer_wheel wheel{0, tick};
    timer one;
    wheel.set(one, 150);
    std::vector<instant> times;
    for (instant now = 0; now <= 1'000; now += tick)
        wheel.advance(now, [&](timer& fired) {
            times.push_back(now);
            wheel.set(fired, now + 150);
        });
    EXPECT_EQ(times, (std::vector<instant>{200, 400, 600, 800, 1'000}));
}

// A deadline of now, set while firing, belongs to the next tick: it must not spin.
TEST(timer_wheel, firing_may_ask_for_now) {
    timer_wheel wheel{0, tick};
    timer one;
    wheel.set(one, 50);
    int count = 0;
    const auto again = [&](instant now) {
        wheel.advance(now, [&](timer& fired) {
            ++count;
            wheel.set(fired, now);
        });
    };
    again(100);
    EXPECT_EQ(count, 1);
    again(199);
    EXPECT_EQ(count, 1);
    again(200);
    EXPECT_EQ(count, 2);
}

TEST(timer_wheel, firing_may_cancel_set_and_destroy_others_of_the_same_slot) {
    timer_wheel wheel{0, tick};
    timer first, cancelled, moved, nearer;
    auto destroyed = std::make_unique<timer>();
    wheel.set(first, 150);
    wheel.set(cancelled, 150);
    wheel.set(moved, 150);
    wheel.set(*destroyed, 150);
    wheel.set(nearer, 9'000);
    std::vector<std::pair<const timer*, instant>> fired;
    for (instant now = 100; now <= 1'000; now += tick)
        wheel.advance(now, [&](timer& one) {
            fired.emplace_back(&one, now);
            if (&one != &first) return;
            wheel.cancel(cancelled);
            wheel.set(moved, 450);
            wheel.set(nearer, 250);
            destroyed.reset();
        });
    EXPECT_EQ(
        fired, (std::vector<std::pair<const timer*, instant>>{{&first, 200}, {&nearer, 300}, {&moved, 500}})
    );
}

TEST(timer_wheel, firing_may_destroy_the_one_that_fired) {
    timer_wheel wheel{0, tick};
    std::map<const timer*, std::unique_ptr<timer>> owners;
    for (int i = 0; i < 5; ++i) {
        auto one = std::make_unique<timer>();
        wheel.set(*one, 150);
        const auto* key = one.get();
        owners.emplace(key, std::move(one));
    }
    wheel.advance(300, [&](timer& one) { owners.erase(&one); });
    EXPECT_TRUE(owners.empty());
}

TEST(timer_wheel, catches_up_after_a_pause) {
    timer_wheel wheel{0, tick};
    timer soon, late, far;
    wheel.set(soon, 150);
    wheel.set(late, turn / 2);
    wheel.set(far, 40 * turn);
    EXPECT_EQ(fired_at(wheel, 20 * turn).size(), 2U);
    EXPECT_TRUE(fired_at(wheel, 40 * turn - 1).empty());
    EXPECT_EQ(fired_at(wheel, 40 * turn + tick), std::vector<const timer*>{&far});
}

// The process was stopped, or its machine: what is due soon after must not wait for another turn.
TEST(timer_wheel, is_not_late_after_a_pause_of_more_than_a_turn) {
    for (instant ahead = 1; ahead < turn; ahead += 997) {
        const auto now = 5 * turn + 33;
        timer_wheel wheel{0, tick};
        std::array<timer, 40> many;
        for (std::size_t i = 0; i < many.size(); ++i) {
            wheel.set(many[i], 10 + static_cast<instant>(i) * turn / 50);
            wheel.set(many[i], now + ahead);
        }
        EXPECT_TRUE(fired_at(wheel, now).empty());
        EXPECT_TRUE(fired_at(wheel, now + ahead - 1).empty());
        EXPECT_EQ(fired_at(wheel, now + ahead + tick).size(), many.size()) << ahead;
    }
}

TEST(timer_wheel, a_clock_that_stands_or_goes_back_does_nothing) {
    timer_wheel wheel{10 * tick, tick};
    timer one;
    wheel.set(one, 12 * tick + 50);
    EXPECT_TRUE(fired_at(wheel, 12 * tick).empty());
    EXPECT_TRUE(fired_at(wheel, 3 * tick).empty());
    EXPECT_TRUE(fired_at(wheel, 12 * tick).empty());
    EXPECT_EQ(fired_at(wheel, 13 * tick), std::vector<const timer*>{&one});
}

// Against a list that is searched through: sets, moves, cancels and pauses at random.
TEST(timer_wheel, agrees_with_a_plain_list) {
    std::mt19937 random{20'260'301};
    const auto below = [&](instant bound) {
        return static_cast<instant>(random() % static_cast<std::uint64_t>(bound));
    };
    instant now = 7'777;
    timer_wheel wheel{now, tick};
    std::vector<timer> timers(200);
    std::vector<instant> wanted(timers.size(), 0), set_at(timers.size(), 0);
    for (int round = 0; round < 60'000; ++round) {
        const auto which = static_cast<std::size_t>(below(static_cast<instant>(timers.size())));
        switch (below(8)) {
        case 0:
            wheel.cancel(timers[which]);
            wanted[which] = 0;
            break;
        case 1: wanted[which] = now + below(3 * turn); break;
        case 2: wanted[which] = now - below(tick); break;
        default: wanted[which] = now + below(20 * tick); break;
        }
        if (wanted[which]) wheel.set(timers[which], wanted[which]);
        set_at[which] = now;
        now += below(4'000) == 0 ? below(4 * turn) : below(40);
        for (const auto* fired : fired_at(wheel, now)) {
            const auto i = static_cast<std::size_t>(fired - timers.data());
            ASSERT_NE(wanted[i], 0) << "fired though not set";
            ASSERT_LE(wanted[i], now) << "early";
            wanted[i] = 0;
        }
        for (std::size_t i = 0; i < timers.size(); ++i) {
            ASSERT_EQ(timers[i].deadline(), wanted[i]);
            const bool late = wanted[i] && std::max(wanted[i], set_at[i]) / tick < now / tick;
            ASSERT_FALSE(late) << wanted[i] << " at " << now;
        }
    }
}

} // namespace

} // namespace adit
