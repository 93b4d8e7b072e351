// Exchanges as they end, for one who watches: those that he asked for, so many
// a second, and how many he did not get to see.
#pragma once

#include "observe/record_listener.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace adit::observe {

// Which exchanges. Texts are compared as they are; an empty one asks for
// nothing.
struct tap_filter {
    std::string route;
    std::string track; // that carried it
    std::string method;
    std::string path;   // a prefix
    std::string reason; // why that track: "cohort", "force-header" …
    std::string end;    // "done", or the name of what ended it
    // The status, or its class where `status_class` is not 0.
    std::uint16_t status = 0;
    std::uint8_t status_class = 0;    // 5 for 5xx
    std::chrono::nanoseconds least{}; // that it took

    bool fits(const exchange_record& one) const noexcept;
};

// "5xx" or "404"; false for anything else.
bool read_status(std::string_view text, tap_filter& into) noexcept;

struct tap_wish {
    static constexpr std::uint32_t usual_rate = 100;
    static constexpr std::uint32_t most_rate = 10'000;

    tap_filter filter;
    std::uint32_t rate = usual_rate; // exchanges a second
};

// What there was since the last time.
struct tap_batch {
    std::vector<std::string> exchanges; // JSON objects
    std::uint64_t over_rate = 0;        // that fitted too, but came too fast
    std::uint64_t late = 0;             // that were not fetched in time
    // Exchanges that no worker could show to anybody, whether they would have
    // fitted or not; filled by who knows the workers.
    std::uint64_t unseen = 0;
};

// Filled by the scribe's thread, emptied by another.
class tap final : public record_listener {
public:
    static constexpr std::size_t most_waiting = 2'000; // exchanges that wait to be fetched

    // `ready` is called on the scribe's thread when there is something where
    // there was nothing.
    tap(tap_wish wish, std::function<void()> ready) : wish_(std::move(wish)), ready_(std::move(ready)) {}

    void hear(const exchange_record& one, const record_clock& clock) override;
    void rest() override;

    tap_batch fetch();

private:
    const tap_wish wish_;
    const std::function<void()> ready_;
    // The scribe's own.
    tap_batch heard_;
    instant refilled_ = 0;
    double left_ = 0; // exchanges that may still be shown

    std::mutex mutex_;
    tap_batch waiting_;
    bool told_ = false; // ready_ was called, and nobody has fetched since
};

} // namespace adit::observe
