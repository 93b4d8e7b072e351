// What one worker counts. Written by that worker's thread only, with plain stores; read by the control thread
// at scrape. Nothing here locks; memory is taken when a worker first carries a route and a track, and never
// after.
#pragma once

#include "observe/counter.hpp"
#include "observe/histogram.hpp"
#include "observe/request_table.hpp"
#include "observe/retry_reason.hpp"
#include "observe/timeout_kind.hpp"
#include "observe/tls_counters.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace adit::observe {

// One track of one route on one worker.
struct alignas(64) track_counters {
    request_table requests; // when the response has ended, by method index and the status that the client got
    counter bytes_in;       // from clients: heads and bodies as they were on the wire
    counter bytes_out;      // to clients, likewise
    gauge in_flight;        // exchanges that chose this track and have not ended
    gauge pending;          // of those: exchanges that wait for a place at an endpoint
    std::array<counter, retry_reasons> retries; // attempts after the first
    counter retry_successes;        // exchanges with retries that ended in a response no retry was wanted for
    counter retry_budget_exhausted; // retries that were not made because there were too many already
    counter fallbacks; // exchanges that chose this track but were carried by another, this one being unusable
    counter panics;    // exchanges carried although no endpoint of the track was healthy
    counter connect_failures;  // connections to an endpoint that did not come up
    counter upstream_failures; // connections that broke, or answered what is no HTTP, before the response was
                               // whole
    counter& retry(retry_reason why) noexcept { return retries[static_cast<std::size_t>(why)]; }
    histogram request_duration;  // first byte of the request in to last byte of the response out
    histogram upstream_duration; // request sent to last byte of the response from the endpoint, each attempt
};

// One route on one worker.
class route_counters {
public:
    static constexpr std::size_t max_tracks = 16; // = model::max_tracks

    route_counters() = default;
    ~route_counters();
    route_counters(const route_counters&) = delete;
    route_counters& operator=(const route_counters&) = delete;

    // nullptr where this worker never carried the track.
    const track_counters* find(std::size_t track) const noexcept {
        return tracks_[track].load(std::memory_order_acquire);
    }

private:
    friend class worker_counters;
    std::array<std::atomic<track_counters*>, max_tracks> tracks_{};
};

enum class connection_state : std::uint8_t {
    reading, // a request head has begun to arrive
    active,  // an exchange is under way
    idle,    // between two requests, or before the first byte
    tunnel,  // upgraded
};
inline constexpr std::size_t connection_states = 4;

class worker_counters {
public:
    static constexpr std::uint32_t max_route_slots = 1u << 18;
    static constexpr std::size_t max_reasons = 128;

    worker_counters() = default;
    ~worker_counters();
    worker_counters(const worker_counters&) = delete;
    worker_counters& operator=(const worker_counters&) = delete;

    // The worker's. `route_slot` is what `labels::assign` gave the route; `track` < 16 is its place in the
    // route. The reference stays good until the slot is retired. A slot outside the range (`labels::none`) is
    // counted nowhere that is shown, but safely.
    track_counters& track(std::uint32_t route_slot, std::uint8_t track) {
        if (route_slot < max_route_slots) [[likely]] {
            const auto* block = blocks_[route_slot / block_size].load(std::memory_order_relaxed);
            if (block != nullptr) [[likely]] {
                const auto* route = (*block)[route_slot % block_size].load(std::memory_order_relaxed);
                if (route != nullptr) [[likely]] {
                    auto* found = route->tracks_[track].load(std::memory_order_relaxed);
                    if (found != nullptr) [[likely]]
                        return *found;
                }
            }
        }
        return make(route_slot, track);
    }

    // Any thread; nullptr where this worker never carried the route. Good until the slot is retired.
    const route_counters* find(std::uint32_t route_slot) const noexcept;

    // Takes the route's counters out, nullptr if there are none. Called by the thread that reads (else a
    // reader may be left with freed memory), once no snapshot and no exchange of this worker knows the slot
    // any more; after that the slot may be used again.
    std::unique_ptr<route_counters> retire(std::uint32_t route_slot) noexcept;

    std::array<counter, max_reasons> refusals; // by index of the reason
    std::array<counter, timeout_kinds> timeouts;
    std::array<gauge, connection_states> connections;
    counter accepted;
    counter closed;
    counter accept_pauses; // of listeners, for want of descriptors or memory
    counter pool_hits;     // exchanges that found an idle upstream connection
    counter pool_misses;   // exchanges that had to open one
    gauge idle_upstream;   // upstream connections waiting in the pool
    counter underscore_fields_dropped;
    counter log_dropped;    // records for the access log that found the ring full
    counter tap_dropped;    // the same, for those who watch
    counter pattern_errors; // requests that went to stable because the pattern of a force rule hit a limit
    counter weight_updates; // messages that changed cut points
    counter auth_allowed, auth_denied, auth_failed, auth_cached; // questions to authorising services
    counter intercepted;                   // upstream answers that an error page replaced
    counter error_page_failures;           // pages that the service for them did not make
    counter default_backend;               // requests that went to a route's default backend
    counter compressed;                    // responses
    counter compressed_in, compressed_out; // bytes of their bodies, before and after
    counter compression_skipped;           // responses that went out as they were: every encoder was in use
    tls_counters tls_clients;
    tls_counters tls_upstreams;
    histogram loop_lag; // by how much the timer wheel's tick came late

    counter& refusal(std::uint8_t reason) noexcept { return refusals[reason % max_reasons]; }
    counter& timeout(timeout_kind which) noexcept { return timeouts[static_cast<std::size_t>(which)]; }
    gauge& connection(connection_state state) noexcept {
        return connections[static_cast<std::size_t>(state)];
    }
    // A connection's change of state.
    void move(connection_state from, connection_state to) noexcept {
        connection(from).subtract();
        connection(to).add();
    }

private:
    static constexpr std::size_t block_size = 256;
    using route_block = std::array<std::atomic<route_counters*>, block_size>;

    track_counters& make(std::uint32_t route_slot, std::uint8_t track);

    // Two levels that never move, so that a reader may walk them while the worker adds.
    std::array<std::atomic<route_block*>, max_route_slots / block_size> blocks_{};
    std::unique_ptr<route_counters> unplaced_;
};

} // namespace adit::observe
