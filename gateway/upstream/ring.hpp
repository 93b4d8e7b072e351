// Consistent hashing on a ring (Karger et al. 1997): the same on every replica that has the same endpoints,
// in whatever order they were named; an endpoint that comes or goes moves only the keys that are its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::upstream {

std::uint64_t hash_key(std::string_view key) noexcept; // XXH64, seed 0

class ring {
public:
    // Points of an endpoint with the least weight: shares are even to some 8 % then.
    static constexpr std::uint32_t points_per_endpoint = 160;
    // An endpoint of many times the least weight gets no more than this.
    static constexpr std::uint32_t most_points = 64 * points_per_endpoint;

    struct member {
        std::string_view name; // what tells it from others everywhere, e.g. its address
        std::uint32_t weight = 1;
    };

    void build(std::span<const member> members);
    bool empty() const noexcept { return points_.empty(); }

    // Walks from the key's place on; the first member for which accept(index) holds, -1 if there is none. A
    // member may be asked more than once.
    template <class Accept>
    int find(std::uint64_t key, Accept&& accept) const {
        const auto size = points_.size();
        auto at = place_of(key);
        int last = -1;
        for (std::size_t i = 0; i < size; ++i, at = at + 1 == size ? 0 : at + 1) {
            const auto index = static_cast<int>(points_[at].member);
            if (index == last) continue;
            if (accept(static_cast<std::size_t>(index))) return index;
            last = index;
        }
        return -1;
    }

private:
    struct point {
        std::uint64_t at;
        std::uint32_t member;
    };
    std::size_t place_of(std::uint64_t key) const noexcept;

    std::vector<point> points_; // by place
};

} // namespace adit::upstream
