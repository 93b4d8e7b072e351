// When batches of spans go to a collector, and what becomes of one that it did not take: OTLP/HTTP's rules of
// retrying, without a socket and with the clock passed in.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace adit::observe {

class export_schedule {
public:
    struct rules {
        std::size_t batch = 512;             // spans of a request, at most
        std::chrono::nanoseconds interval{}; // after which fewer are sent
    };
    // Between two times that one batch is sent. Retry-After is heeded within these.
    static constexpr std::chrono::seconds shortest_wait{1}, longest_wait{30};
    // After so long since it was first sent a batch is given up: what is newer tells more.
    static constexpr std::chrono::seconds patience{120};

    void follow(const rules& now) noexcept { rules_ = now; }

    // When the spans that wait are to be sent: of so many, the first of which has waited since `oldest`. Not
    // before a wait after a failure is over. `last`: nothing will come any more.
    instant due(std::size_t waiting, instant oldest, bool last) const noexcept;

    // What a collector said: its status, 0 where no answer came.
    struct answer {
        unsigned status = 0;
        std::optional<std::chrono::seconds> retry_after{};
    };
    enum class fate { taken, refused, again };
    // Of the batch that was just sent. `jitter` is drawn from [0, 1).
    fate judge(const answer& what, instant now, double jitter) noexcept;
    // The batch that would be sent again is given up.
    void give_up() noexcept;

    // Whether the last judge() found the collector in another state than the one before; a collector that was
    // never asked is thought to be well.
    bool turned() const noexcept { return turned_; }
    bool well() const noexcept { return well_; }

private:
    instant wait(const answer& what, double jitter) const noexcept;

    rules rules_;
    instant not_before_ = 0;
    instant first_sent_ = 0; // of the batch that is tried again
    unsigned failures_ = 0;  // of that batch, one after the other
    bool well_ = true, turned_ = false;
};

// Seconds of a Retry-After; nullopt for a date, which a collector hardly sends, and for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text) noexcept;

} // namespace adit::observe
