// How often a key was seen lately, over all workers: leaky buckets in a fixed amount of memory, without a
// lock.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace adit::policy {

// A bucket is one instant: when all that it holds will have leaked out (GCRA, ITU-T I.371). That is nginx's
// limit_req without delay, in nanoseconds instead of thousandths of a request: of a key that was not seen for
// long `burst` + 1 requests pass at once, then one for each interval.
//
// Any thread. Takings of one key are exact over all threads. What may differ from the exact answer, always to
// the requester's advantage but for the last: two threads that meet a new key in the same instant may make
// two buckets of it, of which one is forgotten; a key whose set has four others that are still leaking takes
// the place of the emptiest of them, which is forgotten; and a request that comes while a bucket changes
// hands may be charged to the new owner.
class rate_table {
public:
    static constexpr std::size_t ways = 4;
    static constexpr std::size_t usual_sets = std::size_t{1} << 15; // 131,072 keys in 2 MiB

    // `sets` is a power of two.
    explicit rate_table(std::size_t sets = usual_sets);

    // 0 when the request may pass, and is accounted for; otherwise how long it is until one may. `key` is a
    // hash that nobody outside can aim with, `tolerance` is burst × interval.
    instant take(std::uint64_t key, instant now, instant interval, instant tolerance) noexcept;
    // A request that take() let pass was refused by something else.
    void give_back(std::uint64_t key, instant interval) noexcept;

private:
    struct bucket {
        std::atomic<std::uint64_t> key{0}; // 0: never used
        std::atomic<instant> empty_at{0};
    };
    struct alignas(64) set {
        std::array<bucket, ways> buckets;
    };

    set& set_of(std::uint64_t key) noexcept { return sets_[key & mask_]; }
    bucket& find(std::uint64_t key, instant now) noexcept;

    const std::size_t mask_;
    std::unique_ptr<set[]> sets_;
};

} // namespace adit::policy
