// A worker's event loop: one epoll instance, a coarse clock, a timer wheel, messages from other threads, the
// Date.
//
// It is not an io_context, on purpose: Asio's reactor tries every read before it waits for it, which costs a
// failing recv for each read of a keep-alive exchange, two of eight system calls. Here a descriptor is
// registered once, edge-triggered, and is read only when the kernel has said that there is something.
#pragma once

#include "core/clock.hpp"
#include "core/http_date.hpp"
#include "core/timer_wheel.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

namespace adit::net {

// A timer that knows whom to tell.
struct deadline : timer {
    using callback = void (*)(void* owner);
    deadline(callback tell, void* whom) noexcept : expired(tell), owner(whom) {}

    callback expired;
    void* owner;
};

// Something with a descriptor that a loop watches.
class pollable {
public:
    pollable(const pollable&) = delete;
    virtual ~pollable() = default;

protected:
    pollable() = default;
    // EPOLLIN and so on. May close this and any other pollable of the loop.
    virtual void ready(std::uint32_t events) = 0;
    // Asked for by loop::later().
    virtual void resume() {}

private:
    friend class loop;
    // Which registration an event belongs to: an object may have been given another descriptor since.
    std::uint16_t registration_ = 0;
};

// run() is called by the one thread that everything in here belongs to; post() and stop() may be called by
// any.
class loop {
public:
    static constexpr std::chrono::milliseconds tick{100};

    loop();
    ~loop();
    loop(const loop&) = delete;

    // False with errno. `one` outlives the registration, which ends when the descriptor is closed.
    bool add(pollable& one, int descriptor, std::uint32_t events) noexcept;
    bool change(pollable& one, int descriptor, std::uint32_t events) noexcept;
    // For a descriptor of which others have a copy: closing ours would not end the registration.
    void remove(pollable& one, int descriptor) noexcept;
    // resume() is called before the loop sleeps again; once, however often this is asked for in one turn.
    void later(pollable& one) { pending_.push_back(&one); }
    // For one that is destroyed while it waits for that.
    void forget(const pollable& one) noexcept;

    // Monotonic time, as of the beginning of the turn or the last refresh().
    instant now() const noexcept { return now_; }
    instant refresh() noexcept { return now_ = monotonic_now(); }

    void set(deadline& one, std::chrono::nanoseconds from_now) noexcept {
        wheel_.set(one, now_ + from(from_now));
    }
    void cancel(deadline& one) noexcept { wheel_.cancel(one); }

    // "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7), at most a tick old.
    std::string_view date() const noexcept { return {date_.data(), date_.size()}; }
    // The same, since 1970.
    std::chrono::seconds wall_time() const noexcept { return second_; }
    // By how much the last tick came late.
    instant lag() const noexcept { return lag_; }
    // Called at every tick, after the deadlines.
    std::function<void()> on_tick;

    void run();
    void stop();
    void post(std::function<void()> message);

private:
    void turn_wheel();
    void run_pending();
    void run_messages();
    void wake() noexcept;
    int sleep_time() const noexcept;
    void write_date() noexcept;

    int epoll_;
    int wakeup_; // eventfd
    instant now_;
    instant next_tick_;
    instant lag_ = 0;
    timer_wheel wheel_;
    std::vector<pollable*> pending_, resuming_;
    std::chrono::seconds second_{-1};
    http_date date_;
    std::atomic<bool> stopped_{false};

    std::mutex mutex_;
    std::vector<std::function<void()>> messages_;
};

} // namespace adit::net
