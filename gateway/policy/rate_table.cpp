#include "policy/rate_table.hpp"

#include <algorithm>

namespace adit::policy {

namespace {
// Nothing but the words themselves is told by them.
constexpr auto relaxed = std::memory_order_relaxed;
} // namespace

rate_table::rate_table(std::size_t sets) : mask_(sets - 1), sets_(std::make_unique<set[]>(sets)) {}

rate_table::bucket& rate_table::find(std::uint64_t key, instant now) noexcept {
    auto& where = set_of(key);
    for (;;) {
        for (auto& one : where.buckets)
            if (one.key.load(relaxed) == key) return one;
        auto* emptiest = &where.buckets[0];
        for (auto& one : where.buckets)
            if (one.empty_at.load(relaxed) < emptiest->empty_at.load(relaxed)) emptiest = &one;
        auto owner = emptiest->key.load(relaxed);
        if (owner == key || !emptiest->key.compare_exchange_strong(owner, key, relaxed)) continue;
        if (emptiest->empty_at.load(relaxed) > now) emptiest->empty_at.store(now, relaxed);
        return *emptiest;
    }
}

instant rate_table::take(std::uint64_t key, instant now, instant interval, instant tolerance) noexcept {
    auto& found = find(key | 1U << 31, now);
    auto empty_at = found.empty_at.load(relaxed);
    for (;;) {
        const auto from = std::max(empty_at, now);
        if (from - now > tolerance) return from - now - tolerance;
        if (found.empty_at.compare_exchange_weak(empty_at, from + interval, relaxed)) return 0;
    }
}

void rate_table::give_back(std::uint64_t key, instant interval) noexcept {
    key |= 1U << 31;
    for (auto& one : set_of(key).buckets)
        if (one.key.load(relaxed) == key) {
            one.empty_at.fetch_sub(interval, relaxed);
            return;
        }
}

} // namespace adit::policy
