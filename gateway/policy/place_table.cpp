#include "policy/place_table.hpp"

namespace adit::policy {

namespace {
constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::uint64_t count_mask = place_table::most;
} // namespace

place_table::place_table(std::size_t sets) : mask_(sets - 1), sets_(std::make_unique<set[]>(sets)) {}

place_table::outcome place_table::take(std::uint64_t key, std::uint32_t limit) noexcept {
    auto& where = sets_[key & mask_];
    const auto tag = key & ~count_mask;
    for (;;) {
        word* chosen = nullptr;
        std::uint64_t seen = 0;
        for (auto& one : where.words) {
            const auto value = one.load(relaxed);
            const bool own = (value & ~count_mask) == tag && (value & count_mask) != 0;
            if (!own && (chosen != nullptr || (value & count_mask) != 0)) continue;
            chosen = &one;
            seen = value;
            if (own) break;
        }
        if (chosen == nullptr) return {};
        const auto count = (seen & ~count_mask) == tag ? seen & count_mask : 0;
        if (count >= limit) return {.admitted = false, .place = nullptr};
        if (chosen->compare_exchange_weak(seen, tag | (count + 1), relaxed))
            return {.admitted = true, .place = chosen};
    }
}

} // namespace adit::policy
