// What an operator asks for: plain values, whatever they were written in (a YAML file, Kubernetes objects,
// flags, the admin API). Everything here is a wish that validate() has yet to look at; nothing here knows
// sockets or clocks.
#pragma once

#include "model/access_log.hpp"
#include "model/route.hpp"
#include "model/timeouts.hpp"
#include "model/tls.hpp"
#include "model/tracing.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace adit::model {

struct listener {
    std::string address; // "0.0.0.0:8080", "[::]:8080", ":8080"; port 0 = any
    place at;
    bool tls = false;
    std::vector<ip_prefix> balancers{}; // peers that begin with a PROXY line; nobody else may

    bool operator==(const listener& other) const {
        return address == other.address && tls == other.tls && balancers == other.balancers;
    }
};

// Bounds of what a client may send or withhold. Every one ends at a named refusal.
struct limits {
    std::uint32_t request_line = 8 * 1024; // bytes; more is 414
    std::uint32_t head = 32 * 1024;        // bytes; more is 431
    std::uint32_t fields = 128;            // field lines; more is 431
    std::uint64_t body = 0;                // bytes; more is 413; 0 = unbounded
    // Of the whole process; the newest are answered 503. 0 = unbounded
    std::uint32_t connections = 0; // client connections
    std::uint32_t in_flight = 0;   // exchanges under way, tunnels included
    std::uint64_t memory = 0;      // bytes that are resident

    bool operator==(const limits&) const = default;
};

// How a stopping daemon behaves.
struct drain {
    // The time that balancers and kube-proxy take to notice.
    static constexpr std::chrono::milliseconds usual_min{10'000};

    // Keep accepting for so long after SIGTERM, while /readyz says no. Absent: usual_min where somebody has
    // asked /readyz of late, else nothing is waited for, since nobody would notice anything.
    std::optional<std::chrono::milliseconds> min;
    std::chrono::milliseconds max{60'000}; // then wait so long for exchanges in flight

    bool operator==(const drain&) const = default;
};

struct gateway {
    std::vector<listener> listeners;
    std::vector<route> routes;
    colour incoming_colour;         // for all routes that say nothing of their own
    std::vector<ip_prefix> trusted; // peers whose X-Forwarded-* and X-Request-ID are believed
    std::string zone;               // where the gateway runs; empty = unknown
    model::tls tls;
    bool underscore_fields = false; // pass field names with '_' (dropped and counted otherwise)
    std::optional<model::error_pages> error_pages; // for all routes without their own, and for no route
    model::limits limits;
    model::timeouts timeouts;
    model::drain drain;
    std::optional<model::tracing> tracing;       // absent: trace fields pass as they are
    std::optional<model::access_log> access_log; // absent: none is kept
};

} // namespace adit::model
