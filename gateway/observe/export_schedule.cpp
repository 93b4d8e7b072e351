#include "observe/export_schedule.hpp"

#include "core/bytes.hpp"

#include <algorithm>

namespace adit::observe {

namespace {

// OTLP/HTTP: these and no answer at all are worth another try; all other errors are for good.
bool is_passing(unsigned status) noexcept {
    return status == 0 || status == 429 || (status >= 502 && status <= 504);
}

} // namespace

instant export_schedule::due(std::size_t waiting, instant oldest, bool last) const noexcept {
    const bool now = last || failures_ > 0 || waiting >= rules_.batch;
    return std::max(not_before_, now ? oldest : oldest + from(rules_.interval));
}

instant export_schedule::wait(const answer& what, double jitter) const noexcept {
    const auto shortest = from(shortest_wait), longest = from(longest_wait);
    if (what.retry_after) return std::clamp(from(*what.retry_after), shortest, longest);
    // Doubled each time, give or take a half, so that many gateways do not come back at once.
    const auto doubled = shortest << std::min(failures_ - 1, 5U);
    return std::min(longest, doubled / 2 + static_cast<instant>(jitter * static_cast<double>(doubled)));
}

export_schedule::fate export_schedule::judge(const answer& what, instant now, double jitter) noexcept {
    const bool taken = what.status >= 200 && what.status < 300;
    turned_ = well_ != taken;
    well_ = taken;
    if (taken || !is_passing(what.status)) {
        give_up();
        return taken ? fate::taken : fate::refused;
    }
    if (failures_++ == 0) first_sent_ = now;
    not_before_ = now + wait(what, jitter);
    if (now - first_sent_ < from(patience)) return fate::again;
    // The next batch may find the collector well; it waits as long as this one would have.
    failures_ = 0;
    return fate::refused;
}

void export_schedule::give_up() noexcept {
    failures_ = 0;
    not_before_ = 0;
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) noexcept {
    const auto seconds = parse_decimal(trim_ows(text));
    if (!seconds) return std::nullopt;
    constexpr std::uint64_t most = 24 * 3600; // far above what is heeded
    return std::chrono::seconds(std::min(*seconds, most));
}

} // namespace adit::observe
