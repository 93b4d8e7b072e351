// A newcomer's share while it warms up.
#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace adit::upstream {

inline constexpr std::uint64_t full_share = 1024;             // shares are weights times this
inline constexpr std::uint64_t least_share = full_share / 10; // of the weight, at the very beginning

// The share of an endpoint of that weight which came at `added` (0 = it was always there) to a track that
// starts newcomers slowly for `window` ns: it grows linearly from a tenth to the whole.
constexpr std::uint64_t share_of(std::uint32_t weight, instant added, instant window, instant now) noexcept {
    if (window <= 0 || added == 0 || now - added >= window) return weight * full_share;
    const auto age = static_cast<std::uint64_t>(std::max<instant>(now - added, 0));
    return weight * std::max(least_share, full_share * age / static_cast<std::uint64_t>(window));
}

} // namespace adit::upstream
