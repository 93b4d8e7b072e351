// Which version answered how often in the last minute.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace adit::cli {

class demo_shares {
public:
    static constexpr std::size_t window = 60; // seconds

    struct counts {
        std::uint64_t v1 = 0, v2 = 0;
        std::uint64_t failed = 0; // no answer, one without a version, or a status of 500 and above
        std::uint64_t all() const noexcept { return v1 + v2 + failed; }
    };

    // `version` is what X-Version says, empty where nothing did.
    void add(instant now, std::string_view version, unsigned status) noexcept;

    // Of the last `window` seconds, the one that has begun included.
    counts recent(instant now) const noexcept;
    const counts& ever() const noexcept { return ever_; }

    // "v1 90.3 %  v2 9.7 %  (last 60 s, 1180 requests)"; failures are named where there are any.
    std::string line(instant now) const;

private:
    struct second {
        std::int64_t number = -1;
        counts seen;
    };

    std::array<second, window> seconds_{};
    counts ever_;
};

} // namespace adit::cli
