// Log-linear decimal histogram of durations in nanoseconds: 36 buckets a decade, in steps of a quarter
// (1.00, 1.25 … 9.75 × 10^e), from 1 µs to 1000 s. Relative width 25 % at worst, 2.6 % at best; every bound
// that people put into a Prometheus histogram (5 ms, 7.5 ms, 250 ms, 1 s …) is a bucket bound, so that
// nothing is interpolated at scrape.
#pragma once

#include "observe/counter.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace adit::observe {

// Buckets hold (lower, upper], as Prometheus's `le` does. Bucket 0 holds all that is ≤ 1 µs, the last all
// above 1000 s.
struct histogram_scale {
    static constexpr unsigned first_decade = 3; // 10^3 ns = 1 µs
    static constexpr unsigned decades = 9;
    static constexpr unsigned steps = 36;
    static constexpr std::size_t buckets = decades * steps + 2;
    static constexpr std::uint64_t lowest = 1'000;              // ns, upper bound of bucket 0
    static constexpr std::uint64_t highest = 1'000'000'000'000; // ns, lower bound of the last bucket

    static constexpr std::size_t bucket_of(std::uint64_t ns) noexcept {
        const std::uint64_t below = ns - (ns != 0); // makes [lower, upper) of (lower, upper]
        if (below < lowest) return 0;
        if (below >= highest) return buckets - 1;
        const auto width = static_cast<std::size_t>(std::bit_width(below));
        std::size_t decade = decade_of_width[width];
        decade += below >= powers[decade + 1];
        const auto& by = quarters[decade];
        const auto quarter = static_cast<std::size_t>(
            static_cast<std::uint64_t>((static_cast<wide>(below) * by.factor) >> 64) >> by.shift
        );
        return 1 + decade * steps + quarter - 4;
    }

    // In ns; the last bucket has none and gives the greatest number.
    static constexpr std::uint64_t upper_bound(std::size_t bucket) noexcept {
        if (bucket == 0) return lowest;
        if (bucket >= buckets - 1) return ~std::uint64_t{0};
        const auto decade = (bucket - 1) / steps;
        return powers[decade] / 4 * ((bucket - 1) % steps + 5);
    }
    static constexpr std::uint64_t lower_bound(std::size_t bucket) noexcept {
        return bucket == 0 ? 0 : bucket >= buckets - 1 ? highest : upper_bound(bucket - 1);
    }

private:
    __extension__ using wide = unsigned __int128;

    static constexpr auto powers = [] {
        std::array<std::uint64_t, decades + 1> out{};
        std::uint64_t power = lowest;
        for (auto& one : out) {
            one = power;
            power *= 10;
        }
        return out;
    }();

    // Decade of the smallest number of that many bits; the number itself may be one decade further up.
    static constexpr auto decade_of_width = [] {
        std::array<std::uint8_t, 65> out{};
        for (std::size_t width = 1; width < out.size(); ++width) {
            const auto smallest = std::uint64_t{1} << (width - 1);
            std::uint8_t decade = 0;
            while (decade + 1U < decades && smallest >= powers[decade + 1U]) ++decade;
            out[width] = decade;
        }
        return out;
    }();

    // Division by a quarter of a power of ten as multiplication: factor = ceil(2^(64 + shift) / quarter), 64
    // bits wide, which is exact for every dividend below 2^63 (Granlund and Montgomery, 1994).
    struct reciprocal {
        std::uint64_t factor;
        unsigned shift;
    };
    static constexpr auto quarters = [] {
        std::array<reciprocal, decades> out{};
        for (std::size_t decade = 0; decade < decades; ++decade) {
            const auto quarter = powers[decade] / 4;
            const auto shift = static_cast<unsigned>(std::bit_width(quarter)) - 1U;
            const auto factor = ((static_cast<wide>(1) << (64 + shift)) + quarter - 1) / quarter;
            out[decade] = {static_cast<std::uint64_t>(factor), shift};
        }
        return out;
    }();
};

// One writer; any reader.
class histogram {
public:
    void record(std::uint64_t ns) noexcept {
        cells_[histogram_scale::bucket_of(ns)].add();
        sum_.add(ns);
    }
    std::uint64_t in_bucket(std::size_t bucket) const noexcept { return cells_[bucket].value(); }
    std::uint64_t sum_ns() const noexcept { return sum_.value(); }

private:
    std::array<counter, histogram_scale::buckets> cells_;
    counter sum_;
};

// What a reader makes of one or many histograms; plain numbers. While the writer goes on, the sum may be a
// few recordings ahead of or behind the buckets.
class histogram_counts {
public:
    histogram_counts() = default;
    explicit histogram_counts(const histogram& from) noexcept { *this += from; }

    histogram_counts& operator+=(const histogram& other) noexcept;
    histogram_counts& operator+=(const histogram_counts& other) noexcept;
    // What came since `earlier`, an older reading of the same histograms. A count that went back gives 0.
    histogram_counts& operator-=(const histogram_counts& earlier) noexcept;

    std::uint64_t count() const noexcept;
    std::uint64_t sum_ns() const noexcept { return sum_; }
    std::uint64_t in_bucket(std::size_t bucket) const noexcept { return cells_[bucket]; }
    // How many were ≤ bound; exact where the bound is one of the scale's, else of the next lower one.
    std::uint64_t at_most(std::uint64_t bound_ns) const noexcept;
    // In ns, by straight line within the bucket; q is clamped to 0…1. 0 when empty; never above the scale's
    // highest.
    double quantile(double q) const noexcept;

private:
    std::array<std::uint64_t, histogram_scale::buckets> cells_{};
    std::uint64_t sum_ = 0;
};

} // namespace adit::observe
