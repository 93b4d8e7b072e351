// What all workers share about being full. Everything else of a worker is its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace adit::proxy {

struct pressure {
    // Above limits.memory. Written by the control thread, read by workers where a new connection or exchange
    // begins; nobody waits for it to be exact.
    alignas(64) std::atomic<bool> memory{false};
    // Accepted descriptors from here on are too many: the kernel gives the lowest that is free, so that
    // many are open, whoever holds them. Set before the workers start.
    int descriptor_ceiling = std::numeric_limits<int>::max();

    alignas(64) std::atomic<std::uint32_t> connections{0}; // of clients
    alignas(64) std::atomic<std::uint32_t> exchanges{0};   // counted only where limits.in_flight is set
};

} // namespace adit::proxy
