#include "upstream/ring.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace adit::upstream {

std::uint64_t hash_key(std::string_view key) noexcept {
    return XXH64(key.data(), key.size(), 0);
}

void ring::build(std::span<const member> members) {
    points_.clear();
    if (members.empty()) return;
    std::uint32_t least = UINT32_MAX;
    for (const auto& one : members) least = std::min(least, std::max(one.weight, 1U));
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto wanted = std::uint64_t{points_per_endpoint} * std::max(members[i].weight, 1U) / least;
        const auto count = std::min<std::uint64_t>(wanted, most_points);
        const auto& name = members[i].name;
        for (std::uint64_t n = 0; n < count; ++n)
            points_.push_back({XXH64(name.data(), name.size(), n + 1), static_cast<std::uint32_t>(i)});
    }
    // Two points at one place are told apart by what is the same everywhere.
    std::sort(points_.begin(), points_.end(), [&](const point& a, const point& b) {
        return a.at != b.at ? a.at < b.at : members[a.member].name < members[b.member].name;
    });
}

std::size_t ring::place_of(std::uint64_t key) const noexcept {
    const auto at =
        std::lower_bound(points_.begin(), points_.end(), key, [](const point& one, std::uint64_t wanted) {
            return one.at < wanted;
        });
    return at == points_.end() ? 0 : static_cast<std::size_t>(at - points_.begin());
}

} // namespace adit::upstream
