// Looks at the resident memory of the process and tells the workers when it is above limits.memory.
#pragma once

#include "proxy/fleet.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace adit::cli {

// state + what was measured → whether to shed. Begins at the ceiling and ends 5 % below it, so that it does
// not flutter.
class memory_gate {
public:
    void ceiling(std::uint64_t bytes) noexcept { ceiling_ = bytes; }
    // True if shedding() is another than before. A ceiling of 0 is none.
    bool measured(std::uint64_t resident) noexcept;
    bool shedding() const noexcept { return shedding_; }

private:
    std::uint64_t ceiling_ = 0;
    bool shedding_ = false;
};

// Control thread only. Without a ceiling it does nothing; with one it reads /proc/self/statm ten times a
// second (some microseconds each).
class memory_watch {
public:
    memory_watch(boost::asio::io_context& control, proxy::fleet& fleet);

    void ceiling(std::uint64_t bytes);
    bool shedding() const noexcept { return gate_.shedding(); }
    // Bytes, as last looked at; looks itself where nothing is watched.
    std::uint64_t resident() const noexcept;

private:
    void look();
    void give_back_memory();

    static constexpr std::chrono::milliseconds interval{100};
    static constexpr std::chrono::seconds between_trims{1};

    boost::asio::steady_timer timer_;
    proxy::fleet& fleet_;
    memory_gate gate_;
    std::uint64_t ceiling_ = 0;
    std::optional<std::chrono::steady_clock::time_point> trimmed_;
};

} // namespace adit::cli
