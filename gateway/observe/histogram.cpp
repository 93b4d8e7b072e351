#include "observe/histogram.hpp"

#include <algorithm>

namespace adit::observe {

histogram_counts& histogram_counts::operator+=(const histogram& other) noexcept {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.in_bucket(i);
    sum_ += other.sum_ns();
    return *this;
}

histogram_counts& histogram_counts::operator+=(const histogram_counts& other) noexcept {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
    sum_ += other.sum_;
    return *this;
}

histogram_counts& histogram_counts::operator-=(const histogram_counts& earlier) noexcept {
    for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] -= std::min(cells_[i], earlier.cells_[i]);
    sum_ -= std::min(sum_, earlier.sum_);
    return *this;
}

std::uint64_t histogram_counts::count() const noexcept {
    std::uint64_t total = 0;
    for (const auto cell : cells_) total += cell;
    return total;
}

std::uint64_t histogram_counts::at_most(std::uint64_t bound_ns) const noexcept {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < cells_.size() && histogram_scale::upper_bound(i) <= bound_ns; ++i)
        total += cells_[i];
    return total;
}

double histogram_counts::quantile(double q) const noexcept {
    const auto total = count();
    if (total == 0) return 0;
    const auto rank = std::max(1.0, std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
    double before = 0;
    for (std::size_t i = 0; i + 1 < cells_.size(); ++i) {
        const auto here = static_cast<double>(cells_[i]);
        if (here > 0 && before + here >= rank) {
            const auto lower = static_cast<double>(histogram_scale::lower_bound(i));
            const auto upper = static_cast<double>(histogram_scale::upper_bound(i));
            return lower + (upper - lower) * (rank - before) / here;
        }
        before += here;
    }
    return static_cast<double>(histogram_scale::highest);
}

} // namespace adit::observe
