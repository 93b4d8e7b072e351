// How many exchanges of a key are under way, over all workers, in a fixed amount of memory, without a lock.
#pragma once

#include "model/policies.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace adit::policy {

// Any thread. A key and its count are one word, so counting is exact over all threads. Keys are told apart by
// 40 bits and the set that they are in. A key that finds its set full of others is not counted, and let pass:
// it takes more than eight keys of one set at the same time.
class place_table {
public:
    using word = std::atomic<std::uint64_t>; // 40 bits of the key, 24 of the count

    static constexpr std::size_t ways = 8;
    static constexpr std::size_t usual_sets = std::size_t{1} << 13; // 65,536 keys in 512 KiB
    static constexpr std::uint32_t most = (1U << 24) - 1;

    explicit place_table(std::size_t sets = usual_sets);

    struct outcome {
        bool admitted = true;
        word* place = nullptr; // to be given back; null where it was not counted
    };
    // `limit` is 1 … most. `key` is a hash that nobody outside can aim with.
    outcome take(std::uint64_t key, std::uint32_t limit) noexcept;
    static void give_back(word& place) noexcept { place.fetch_sub(1, std::memory_order_relaxed); }

private:
    struct alignas(64) set {
        std::array<word, ways> words{};
    };

    const std::size_t mask_;
    std::unique_ptr<set[]> sets_;
};

// The places that one exchange holds.
class held_places {
public:
    static constexpr std::size_t capacity = model::max_rate_limits;

    void add(place_table::word& place) noexcept { all_[count_++] = &place; }
    bool empty() const noexcept { return count_ == 0; }
    void give_back() noexcept {
        while (count_ > 0) place_table::give_back(*all_[--count_]);
    }

private:
    std::array<place_table::word*, capacity> all_;
    std::uint8_t count_ = 0;
};

} // namespace adit::policy
