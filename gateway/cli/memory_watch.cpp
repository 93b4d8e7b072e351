#include "cli/memory_watch.hpp"

#include "core/log.hpp"
#include "observe/process.hpp"

#include <malloc.h>

namespace adit::cli {

bool memory_gate::measured(std::uint64_t resident) noexcept {
    const bool before = shedding_;
    const auto end = ceiling_ - ceiling_ / 20;
    shedding_ = ceiling_ != 0 && (resident >= ceiling_ || (shedding_ && resident > end));
    return shedding_ != before;
}

memory_watch::memory_watch(boost::asio::io_context& control, proxy::fleet& fleet)
    : timer_(control), fleet_(fleet) {}

void memory_watch::ceiling(std::uint64_t bytes) {
    const bool watching = ceiling_ != 0;
    ceiling_ = bytes;
    gate_.ceiling(bytes);
    if (bytes != 0 && watching) return; // the next look uses it
    timer_.cancel();
    look();
}

std::uint64_t memory_watch::resident() const noexcept {
    return observe::resident_bytes().value_or(0);
}

void memory_watch::look() {
    const auto now = resident();
    if (gate_.measured(now)) {
        fleet_.pressure().memory.store(gate_.shedding(), std::memory_order_relaxed);
        if (gate_.shedding())
            log_warning(
                "memory is above its ceiling: new connections and requests are turned away",
                {{"resident", now}, {"ceiling", ceiling_}}
            );
        else
            log_info("memory is below its ceiling again", {{"resident", now}, {"ceiling", ceiling_}});
    }
    if (gate_.shedding()) give_back_memory();
    if (ceiling_ == 0) return;
    timer_.expires_after(interval);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
        if (!stopped) look();
    });
}

// Freed memory counts as long as the allocator keeps it: without this the ceiling, once reached, would be
// reached for ever.
void memory_watch::give_back_memory() {
    const auto now = std::chrono::steady_clock::now();
    if (trimmed_ && now - *trimmed_ < between_trims) return;
    trimmed_ = now;
    fleet_.trim();
    ::malloc_trim(0);
}

} // namespace adit::cli
