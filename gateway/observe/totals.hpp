// The sums over all workers that one scrape shows: small, already cut to the exposed histogram bounds.
#pragma once

#include "observe/labels.hpp"
#include "observe/track_health.hpp"
#include "observe/worker_counters.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adit::observe {

// Bounds of the duration histograms in ns: those of OpenTelemetry's http.server.request.duration.
inline constexpr std::array<std::uint64_t, 14> duration_bounds{
    5'000'000,   10'000'000,  25'000'000,    50'000'000,    75'000'000,    100'000'000,   250'000'000,
    500'000'000, 750'000'000, 1'000'000'000, 2'500'000'000, 5'000'000'000, 7'500'000'000, 10'000'000'000};

// Bounds of the loops' lag: a tick that comes 100 ms late is a stall.
inline constexpr std::array<std::uint64_t, 10> lag_bounds{100'000,     250'000,      500'000,    1'000'000,
                                                          2'500'000,   10'000'000,   50'000'000, 100'000'000,
                                                          250'000'000, 1'000'000'000};

// A histogram cut to some bounds; every bound is one of the scale's, so that nothing is guessed.
template <std::size_t N>
struct cut_histogram {
    std::array<std::uint64_t, N + 1> cells{}; // the last: above all bounds
    std::uint64_t sum_ns = 0;

    void add(const histogram& from, const std::array<std::uint64_t, N>& bounds) noexcept {
        std::size_t at = 0;
        for (std::size_t i = 0; i < histogram_scale::buckets; ++i) {
            while (at < N && histogram_scale::upper_bound(i) > bounds[at]) ++at;
            cells[at] += from.in_bucket(i);
        }
        sum_ns += from.sum_ns();
    }
    void add(const cut_histogram& other) noexcept {
        for (std::size_t i = 0; i < cells.size(); ++i) cells[i] += other.cells[i];
        sum_ns += other.sum_ns;
    }
};

using duration_cut = cut_histogram<duration_bounds.size()>;

struct track_totals {
    explicit track_totals(std::string track_name) : name(std::move(track_name)) {}

    void add(const track_counters& from);
    void add(const track_totals& other);

    std::string name;
    bool carried = false; // some worker has counted something
    std::map<std::pair<std::uint8_t, std::uint16_t>, std::uint64_t> requests; // by method index and code
    duration_cut request_duration;
    duration_cut upstream_duration;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::array<std::uint64_t, retry_reasons> retries{};
    std::uint64_t retry_successes = 0;
    std::uint64_t retry_budget_exhausted = 0;
    std::uint64_t fallbacks = 0;
    std::uint64_t panics = 0;
    std::uint64_t connect_failures = 0;
    std::uint64_t upstream_failures = 0;
    std::int64_t in_flight = 0;
    std::int64_t pending = 0;
    std::optional<double> weight;
    std::optional<track_health> health; // absent where the track is no longer in the route
};

struct totals {
    using tracks = std::vector<track_totals>;

    track_totals& at(std::string_view route, std::string_view track);

    std::map<std::string, tracks, std::less<>> routes;
};

} // namespace adit::observe
