#include "policy/address_set.hpp"

#include <algorithm>

namespace adit::policy {

address_set::address_set(const std::vector<ip_prefix>& prefixes) {
    std::vector<range> all;
    all.reserve(prefixes.size());
    for (const auto& one : prefixes) {
        range made{one.address, one.address};
        for (std::size_t bit = one.bits; bit < 128; ++bit) {
            const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
            made.first.bytes[bit / 8] &= static_cast<std::uint8_t>(~mask);
            made.last.bytes[bit / 8] |= mask;
        }
        all.push_back(made);
    }
    std::sort(all.begin(), all.end(), [](const range& a, const range& b) { return a.first < b.first; });
    for (const auto& one : all) {
        if (!ranges_.empty() && one.first <= ranges_.back().last)
            ranges_.back().last = std::max(ranges_.back().last, one.last);
        else
            ranges_.push_back(one);
    }
}

bool address_set::contains(const ip_address& address) const noexcept {
    const auto after = std::upper_bound(
        ranges_.begin(), ranges_.end(), address,
        [](const ip_address& wanted, const range& one) { return wanted < one.first; }
    );
    return after != ranges_.begin() && address <= std::prev(after)->last;
}

} // namespace adit::policy
