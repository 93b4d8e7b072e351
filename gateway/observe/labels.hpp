// Which route and tracks the worker counters' slots stand for, and what only the control thread knows. Kept
// and read by the control thread.
#pragma once

#include "observe/track_health.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::observe {

class span_ring;
struct trace_counters;
struct log_counters;

struct track_labels {
    std::string name;
    std::optional<double> weight;         // 0…1, in force; absent where the track is no longer in the route
    std::optional<track_health> health{}; // likewise
};

struct route_labels {
    std::string route; // several slots may have the same: the paths of one Ingress are counted together
    std::vector<track_labels> tracks;
};

class labels {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0}; // counted nowhere

    // A free slot for the route; `none` when all are taken.
    std::uint32_t assign(std::string route, std::span<const std::string> tracks);
    // Whether a route that now has these tracks may keep the slot: a track's counters go by its place, so one
    // list of names must begin with the other. If so the new names are added; the weights of all tracks are
    // forgotten.
    bool keep(std::uint32_t slot, std::string_view route, std::span<const std::string> tracks);
    // For exposition::retire().
    void release(std::uint32_t slot);

    // Weights in force, one for each of the route's present tracks, 0…1.
    void set_weights(std::uint32_t slot, std::span<const double> ratios);

    // One for each track of the slot; none where it is no longer in the route.
    void set_health(std::uint32_t slot, std::span<const std::optional<track_health>> tracks);

    const route_labels* find(std::uint32_t slot) const;
    // How many slots have the name.
    std::size_t count(std::string_view route) const;
    std::uint32_t slots() const { return static_cast<std::uint32_t>(slots_.size()); } // all are below this

private:
    std::vector<std::optional<route_labels>> slots_;
    std::vector<std::uint32_t> free_; // a heap, lowest first
    std::map<std::string, std::size_t, std::less<>> named_;
};

struct certificate_expiry {
    std::string name, host; // the first that it names
    std::chrono::system_clock::time_point at;
};

// An API server that is followed.
struct api_server_figures {
    bool connected = false; // what is in force is what it has
    std::uint64_t events = 0, lists = 0, failures = 0;
};

struct control_gauges {
    std::vector<certificate_expiry> certificates;
    bool killed = false;
    bool draining = false;
    // Ceilings of the process; 0 = none.
    std::uint64_t most_connections = 0;
    std::uint64_t most_in_flight = 0;
    std::uint64_t most_memory = 0;      // bytes
    std::uint64_t most_descriptors = 0; // at which accepting pauses
    bool shedding_memory = false;       // the memory's has been reached
    std::uint64_t config_generation = 0;
    bool config_last_reload_successful = true;
    std::chrono::system_clock::time_point config_last_reload_success{};
    const log_counters* access_log = nullptr; // null: there never was one
    std::string version;
    std::string revision;
    std::string compiler;
    std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
    std::optional<api_server_figures> api_server{}; // where there is one
    // Of the export of spans; null where there is none.
    const trace_counters* traces = nullptr;
    std::vector<std::shared_ptr<span_ring>> span_rings{};
};

} // namespace adit::observe
