#include "net/loop.hpp"

#include <boost/system/system_error.hpp>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace adit::net {

namespace {

// Addresses of user space have 48 bits on every machine that Adit runs on (47 with a sign): the rest says
// which registration is meant.
constexpr int address_bits = 48;
constexpr std::uint64_t address_mask = (std::uint64_t{1} << address_bits) - 1;

std::uint64_t pack(const pollable* one, std::uint16_t registration) noexcept {
    return (reinterpret_cast<std::uintptr_t>(one) & address_mask) | std::uint64_t{registration}
                                                                        << address_bits;
}

int check(int result, const char* what) {
    if (result < 0)
        throw boost::system::system_error(
            boost::system::error_code(errno, boost::system::system_category()), what
        );
    return result;
}

} // namespace

loop::loop()
    : epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      now_(monotonic_now()),
      next_tick_(now_ + from(tick)),
      wheel_(now_, from(tick)) {
    write_date();
    pending_.reserve(1024);
    resuming_.reserve(1024);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = 0}};
    check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event), "epoll_ctl");
}

loop::~loop() {
    ::close(wakeup_);
    ::close(epoll_);
}

bool loop::add(pollable& one, int descriptor, std::uint32_t events) noexcept {
    epoll_event event{.events = events, .data = {.u64 = pack(&one, ++one.registration_)}};
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

bool loop::change(pollable& one, int descriptor, std::uint32_t events) noexcept {
    epoll_event event{.events = events, .data = {.u64 = pack(&one, one.registration_)}};
    return ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0;
}

void loop::remove(pollable& one, int descriptor) noexcept {
    ++one.registration_; // what this turn has still to tell of it is void
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

int loop::sleep_time() const noexcept {
    if (!pending_.empty()) return 0;
    const auto left = next_tick_ - now_;
    return left <= 0 ? 0 : static_cast<int>((left + 999'999) / 1'000'000);
}

void loop::run() {
    std::array<epoll_event, 256> events;
    refresh();
    while (!stopped_.load(std::memory_order_relaxed)) {
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), sleep_time());
        refresh();
        bool called = false;
        for (int i = 0; i < count; ++i) {
            const auto& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 == 0) {
                called = true;
                continue;
            }
            auto* one = reinterpret_cast<pollable*>(event.data.u64 & address_mask);
            if (one->registration_ == event.data.u64 >> address_bits) one->ready(event.events);
        }
        run_pending();
        if (now_ >= next_tick_) turn_wheel();
        if (called) run_messages();
    }
}

// What is asked for meanwhile waits for the next turn: descriptors that are never idle must not starve the
// others.
void loop::run_pending() {
    resuming_.swap(pending_);
    for (auto* one : resuming_)
        if (one) one->resume();
    resuming_.clear();
}

void loop::forget(const pollable& one) noexcept {
    std::erase(pending_, &one);
    for (auto& each : resuming_)
        if (each == &one) each = nullptr;
}

void loop::turn_wheel() {
    lag_ = now_ - next_tick_;
    next_tick_ = std::max(next_tick_ + from(tick), now_ + from(tick) / 2);
    write_date();
    wheel_.advance(now_, [](timer& fired) {
        auto& one = static_cast<deadline&>(fired);
        one.expired(one.owner);
    });
    if (on_tick) on_tick();
}

void loop::post(std::function<void()> message) {
    bool first;
    {
        const std::lock_guard lock(mutex_);
        first = messages_.empty();
        messages_.push_back(std::move(message));
    }
    if (first) wake();
}

void loop::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written =
        ::write(wakeup_, &one, sizeof one); // full means that it will wake anyway
}

void loop::run_messages() {
    std::uint64_t count;
    [[maybe_unused]] const auto got = ::read(wakeup_, &count, sizeof count);
    std::vector<std::function<void()>> now;
    {
        const std::lock_guard lock(mutex_);
        now.swap(messages_);
    }
    for (auto& message : now) message();
}

void loop::stop() {
    stopped_.store(true, std::memory_order_relaxed);
    wake();
}

void loop::write_date() noexcept {
    const auto time = std::chrono::system_clock::now().time_since_epoch();
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(time);
    if (second == second_) return;
    second_ = second;
    date_ = to_http_date(second);
}

} // namespace adit::net
