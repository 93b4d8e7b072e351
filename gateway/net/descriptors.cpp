#include "net/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace adit::net {

namespace {
constexpr std::uint64_t least_reserve = 32, most_reserve = 16384;
constexpr std::uint64_t own_files = 64; // listeners, event loops, log, API, configuration
} // namespace

descriptor_budget make_budget(std::uint64_t limit) noexcept {
    const auto reserve = std::min(std::clamp(limit / 8, least_reserve, most_reserve), limit / 2);
    constexpr std::uint64_t largest = std::numeric_limits<int>::max();
    return {limit, static_cast<int>(std::min(limit - reserve, largest))};
}

descriptor_budget raise_descriptor_limit() noexcept {
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) != 0) return make_budget(1024);
    if (now.rlim_cur < now.rlim_max) {
        const rlimit wanted{now.rlim_max, now.rlim_max};
        // RLIM_INFINITY as a hard limit is more than the kernel grants (fs.nr_open): what is there stays.
        if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) now = wanted;
    }
    return make_budget(now.rlim_cur);
}

std::uint64_t descriptors_for(std::uint64_t connections) noexcept {
    return 2 * connections + own_files;
}

} // namespace adit::net
