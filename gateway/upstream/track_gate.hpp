// The line in front of a track whose endpoints are at their limits: what workers must know of each other's
// waiting requests. Each worker keeps its own; here is how many there are, and whose turn it is.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace adit::upstream {

// Any worker, without a lock. Only tracks with limits have one. A worker that frees a place looks here
// afterwards, one that has to wait joins and then tries once more: whatever the order, one of the two sees
// the other (all operations are sequentially consistent).
class track_gate {
public:
    static constexpr std::uint32_t most_workers = 256;

    // False when `most` requests wait already.
    bool join(std::uint32_t worker, std::uint32_t most) noexcept {
        if (pending_.fetch_add(1) >= most) {
            pending_.fetch_sub(1);
            return false;
        }
        word_of(worker).fetch_or(bit(worker));
        return true;
    }
    // One request of a worker no longer waits; `last`: it was the last of that worker.
    void quit(std::uint32_t worker, bool last) noexcept {
        pending_.fetch_sub(1);
        if (last) word_of(worker).fetch_and(~bit(worker));
    }

    // Whether requests of that worker wait.
    bool waits(std::uint32_t worker) const noexcept {
        return (waiting_[worker / width].load() & bit(worker)) != 0;
    }
    std::uint32_t pending() const noexcept { return pending_.load(std::memory_order_relaxed); }

    static constexpr std::uint32_t nobody = most_workers;
    // The worker that gets the place which has just become free: they take turns.
    std::uint32_t turn() noexcept {
        const auto begin = (last_.load(std::memory_order_relaxed) + 1) % most_workers;
        auto found = next_from(begin, most_workers);
        if (found == nobody) found = next_from(0, begin);
        if (found != nobody) last_.store(found, std::memory_order_relaxed);
        return found;
    }

private:
    static constexpr std::uint32_t width = 64;

    static std::uint64_t bit(std::uint32_t worker) noexcept { return std::uint64_t{1} << worker % width; }
    std::atomic<std::uint64_t>& word_of(std::uint32_t worker) noexcept { return waiting_[worker / width]; }
    std::uint32_t next_from(std::uint32_t begin, std::uint32_t end) const noexcept {
        for (auto at = begin; at < end; at = (at / width + 1) * width) {
            const auto rest = waiting_[at / width].load() >> at % width;
            if (rest == 0) continue;
            const auto found = at + static_cast<std::uint32_t>(std::countr_zero(rest));
            return found < end ? found : nobody;
        }
        return nobody;
    }

    std::atomic<std::uint32_t> pending_{0}, last_{most_workers - 1};
    std::array<std::atomic<std::uint64_t>, most_workers / width> waiting_{};
};

} // namespace adit::upstream
