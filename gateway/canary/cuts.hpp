// A route's weights in the form that requests are put to: plain numbers, one copy per worker, replaced whole.
#pragma once

#include "model/route.hpp"
#include "model/weight.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace adit::canary {

inline constexpr std::uint32_t bucket_count = 10'000; // cohort buckets; one is 0.01 %

// Tracks are numbered as in model::route::tracks; 0 is stable, which takes what the others leave.
struct cuts {
    // Cohort buckets [from, to) of a track; stable has every bucket that is in no range.
    struct range {
        std::uint16_t from = 0;
        std::uint16_t to = 0;
    };

    // upto[i] is the sum of the weights of tracks 1…i (for i beyond the last track, of all): a draw d from
    // [0, total) means the first track with d < upto[i].
    std::array<std::uint32_t, model::max_tracks> upto{};
    std::array<range, model::max_tracks> ranges{};
    std::uint32_t total = model::weight::whole;
    std::uint8_t tracks = 1; // stable included
    bool killed = false;     // all randomised traffic goes to stable
    std::uint64_t generation = 0;

    bool any_weight() const noexcept { return upto.back() != 0; }
    std::uint32_t weight_of(std::size_t track) const noexcept {
        return track == 0 ? total - upto.back() : upto[track] - upto[track - 1];
    }
    // Buckets of a track.
    std::uint32_t width_of(std::size_t track) const noexcept;
    // The track of a draw from [0, total), and of a bucket.
    std::uint8_t by_draw(std::uint32_t draw) const noexcept;
    std::uint8_t by_bucket(std::uint32_t bucket) const noexcept;
};

// `weights[i]` is of track i + 1, in parts of `total` (> 0): dice keep both exactly. What exceeds the total
// is cut off from the last. Ranges: the first canary's grows from bucket 0 up, the second's from the last
// bucket down, further ones are stacked above the first; each is rounded to one bucket and never to 0 from
// above 0.
cuts make_cuts(
    std::span<const std::uint32_t> weights, std::uint32_t total, std::uint64_t generation = 0
) noexcept;
// Of the declared weights: total = 10000, or the route's parts_total.
cuts make_cuts(const model::route& route, std::uint64_t generation = 0) noexcept;

} // namespace adit::canary
