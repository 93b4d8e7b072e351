// What all threads know of one endpoint of one track: made by the control thread, kept over reloads as long
// as the track names the address.
#pragma once

#include "core/clock.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace adit::upstream {

// What an attempt told about its endpoint.
enum class outcome : std::uint8_t {
    good,
    server_error,    // 5xx, or no answer that is one: reset, too late, not HTTP
    connect_failure, // no connection came up
};

// Failures in a row over all workers after which the control thread is asked whether to eject; 0 = never.
struct failure_limits {
    std::uint32_t server_errors = 0;
    std::uint32_t connect_failures = 0;

    bool any() const noexcept { return (server_errors | connect_failures) != 0; }
    bool operator==(const failure_limits&) const = default;
};

class endpoint_state {
public:
    // `added`: monotonic; 0 = the track had it from its beginning, so that it need not start slowly.
    endpoint_state(std::string address, instant added) : text_(std::move(address)), added_(added) {}
    endpoint_state(const endpoint_state&) = delete;

    const std::string& text() const noexcept { return text_; } // "10.0.0.1:80"
    instant added() const noexcept { return added_; }

    // Neither ejected nor failing its checks. Written by the control thread, which then tells the workers to
    // look.
    bool healthy() const noexcept { return healthy_.load(std::memory_order_relaxed); }
    void healthy(bool value) noexcept { healthy_.store(value, std::memory_order_relaxed); }

    // Any worker, once for each attempt. True when this very failure has reached its limit: then the control
    // thread is to be asked. A good outcome only reads, unless it ends a row of failures.
    bool note(outcome what, const failure_limits& limits) noexcept {
        if (what == outcome::good) {
            if (server_errors_.load(std::memory_order_relaxed) != 0)
                server_errors_.store(0, std::memory_order_relaxed);
            if (connect_failures_.load(std::memory_order_relaxed) != 0)
                connect_failures_.store(0, std::memory_order_relaxed);
            return false;
        }
        const bool connecting = what == outcome::connect_failure;
        auto& row = connecting ? connect_failures_ : server_errors_;
        const auto limit = connecting ? limits.connect_failures : limits.server_errors;
        return limit != 0 && row.fetch_add(1, std::memory_order_relaxed) + 1 == limit;
    }
    // Control thread: rows begin anew, after an ejection or a refusal to eject.
    void forget_failures() noexcept {
        server_errors_.store(0, std::memory_order_relaxed);
        connect_failures_.store(0, std::memory_order_relaxed);
    }

    // A place among `most` of all workers together; false when all are taken. Only for limited tracks.
    bool take_place(std::uint32_t most) noexcept { return take(in_flight_, most); }
    void leave_place() noexcept { in_flight_.fetch_sub(1, std::memory_order_seq_cst); }
    bool has_place(std::uint32_t most) const noexcept {
        return in_flight_.load(std::memory_order_seq_cst) < most;
    }
    std::uint32_t in_flight() const noexcept { return in_flight_.load(std::memory_order_relaxed); }

    // The same for connections, idle ones included.
    bool take_connection(std::uint32_t most) noexcept { return take(connections_, most); }
    void add_connection() noexcept {
        connections_.fetch_add(1, std::memory_order_seq_cst);
    } // whatever the limit
    void leave_connection() noexcept { connections_.fetch_sub(1, std::memory_order_seq_cst); }
    bool has_connection(std::uint32_t most) const noexcept {
        return connections_.load(std::memory_order_seq_cst) < most;
    }

private:
    static bool take(std::atomic<std::uint32_t>& count, std::uint32_t most) noexcept {
        if (count.fetch_add(1, std::memory_order_seq_cst) < most) return true;
        count.fetch_sub(1, std::memory_order_seq_cst);
        return false;
    }

    const std::string text_;
    const instant added_;
    // Mostly read: workers share this line without taking it from each other.
    alignas(64) std::atomic<bool> healthy_{true};
    std::atomic<std::uint32_t> server_errors_{0}, connect_failures_{0};
    alignas(64) std::atomic<std::uint32_t> in_flight_{0}, connections_{0};
};

} // namespace adit::upstream
