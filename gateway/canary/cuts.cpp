#include "canary/cuts.hpp"

#include <algorithm>

namespace adit::canary {

namespace {

using widths = std::array<std::uint32_t, model::max_tracks>; // buckets by track; [0] is unused

// Buckets of each track, at least one for a weight above 0, never more than there are.
widths round_to_buckets(const cuts& exact) noexcept {
    widths out{};
    std::uint32_t sum = 0;
    std::size_t last = 0;
    for (std::size_t i = 1; i < exact.tracks; ++i) {
        const std::uint64_t weight = exact.weight_of(i);
        if (weight == 0) continue;
        const auto rounded = (weight * bucket_count + exact.total / 2) / exact.total;
        out[i] = std::max(1U, static_cast<std::uint32_t>(rounded));
        sum += out[i];
        last = i;
    }
    for (; sum > bucket_count; --sum) --*std::max_element(out.begin(), out.end());
    // What rounding left over is not stable's if stable has no weight.
    if (exact.any_weight() && exact.weight_of(0) == 0) out[last] += bucket_count - sum;
    return out;
}

void lay_ranges(cuts& out) noexcept {
    const auto width = round_to_buckets(out);
    std::uint32_t low = 0; // the next free bucket above the first canary
    for (std::size_t i = 1; i < out.tracks; ++i) {
        const std::uint32_t from = i == 2 ? bucket_count - width[i] : low;
        out.ranges[i] = {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(from + width[i])};
        if (i != 2) low += width[i];
    }
}

} // namespace

std::uint32_t cuts::width_of(std::size_t track) const noexcept {
    const auto width = [this](std::size_t i) {
        return static_cast<std::uint32_t>(ranges[i].to - ranges[i].from);
    };
    if (track != 0) return width(track);
    auto rest = bucket_count;
    for (std::size_t i = 1; i < tracks; ++i) rest -= width(i);
    return rest;
}

std::uint8_t cuts::by_draw(std::uint32_t draw) const noexcept {
    for (std::uint8_t i = 1; i < tracks; ++i)
        if (draw < upto[i]) return i;
    return 0;
}

std::uint8_t cuts::by_bucket(std::uint32_t bucket) const noexcept {
    for (std::uint8_t i = 1; i < tracks; ++i)
        if (ranges[i].from <= bucket && bucket < ranges[i].to) return i;
    return 0;
}

cuts make_cuts(
    std::span<const std::uint32_t> weights, std::uint32_t total, std::uint64_t generation
) noexcept {
    cuts out;
    out.total = total;
    out.generation = generation;
    out.tracks = static_cast<std::uint8_t>(std::min(weights.size() + 1, model::max_tracks));
    std::uint32_t sum = 0;
    for (std::size_t i = 1; i < model::max_tracks; ++i) {
        if (i < out.tracks) sum += std::min(weights[i - 1], total - sum);
        out.upto[i] = sum;
    }
    lay_ranges(out);
    return out;
}

cuts make_cuts(const model::route& route, std::uint64_t generation) noexcept {
    std::array<std::uint32_t, model::max_tracks> weights{};
    const auto others = std::min(route.tracks.size(), model::max_tracks) - (route.tracks.empty() ? 0 : 1);
    const auto total = route.parts_total;
    for (std::size_t i = 0; i < others; ++i) {
        const auto& track = route.tracks[i + 1];
        weights[i] = total != 0 ? track.parts : track.weight.hundredths;
    }
    return make_cuts({weights.data(), others}, total != 0 ? total : model::weight::whole, generation);
}

} // namespace adit::canary
