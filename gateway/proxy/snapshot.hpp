// The configuration that exchanges run under: compiled once by the control thread, then only read.
#pragma once

#include "canary/choose.hpp"
#include "canary/cuts.hpp"
#include "model/gateway.hpp"
#include "net/stream.hpp"
#include "net/tls_store.hpp"
#include "policy/compression.hpp"
#include "policy/error_pages.hpp"
#include "policy/external_auth.hpp"
#include "policy/route_policy.hpp"
#include "proxy/https_rule.hpp"
#include "proxy/password_checker.hpp"
#include "proxy/route_slots.hpp"
#include "proxy/services.hpp"
#include "proxy/trace.hpp"
#include "route/table.hpp"
#include "upstream/endpoint_entry.hpp"
#include "upstream/track_gate.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace adit::proxy {

// What a request needs of its route once it is found.
struct compiled_route {
    std::uint32_t slot;
    std::shared_ptr<const model::route> wish;
    canary::chooser chooser;
    // What a route does beyond that; null = nothing of the kind. See compile_bodies().
    std::unique_ptr<const policy::compression> compression{};
    std::unique_ptr<const https_rule> https{};            // null: plain and TLS are the same to it
    std::unique_ptr<const policy::route_policy> policy{}; // null: the route asks for none
    std::unique_ptr<const policy::external_auth> external_auth{};
    std::unique_ptr<const policy::error_pages> error_pages{};
    std::uint64_t gathers = 0;           // bytes of a request's body that are waited for; 0 = bodies stream
    model::timeouts timeouts{};          // in force for the route
    const model::retry* retry = nullptr; // of `wish`; null: no rules
};

struct snapshot {
    std::uint64_t generation = 0;
    route::table table;
    route_slots routes;
    model::limits limits;
    model::timeouts timeouts;
    std::vector<ip_prefix> trusted;
    bool underscore_fields = false;
    std::shared_ptr<password_checker> passwords;            // null where no route asks for them
    std::shared_ptr<const policy::error_pages> error_pages; // of routes without their own; null = none
    std::shared_ptr<const trace_rules> tracing;             // null = trace fields pass as they are

    explicit snapshot(route::table compiled) : table(std::move(compiled)) {}
};

using upstream::endpoint_list;

// One change, taken by a worker between two requests, all of it or nothing.
struct update {
    // Null: unchanged. Workers hand their last reference back to the control thread.
    std::shared_ptr<const proxy::snapshot> snapshot;
    // Of the slots of `snapshot`: those whose route the one before did not have, or had another, and those
    // that have lost theirs.
    std::vector<std::uint32_t> taken, left;
    struct cut {
        std::uint32_t slot;
        canary::cuts cuts;
    };
    std::vector<cut> cuts;
    struct track_endpoints {
        std::uint32_t slot;
        std::uint8_t track;
        std::shared_ptr<const endpoint_list> list;
        std::shared_ptr<upstream::track_gate> gate; // where the route has limits
    };
    std::vector<track_endpoints> endpoints;
    // Tracks of which an endpoint's health has changed.
    struct track_health {
        std::uint32_t slot;
        std::uint8_t track;
    };
    std::vector<track_health> health;
    std::shared_ptr<const net::tls_store> tls; // null: unchanged
    struct service {
        std::uint32_t slot;
        service_kind which;
        std::shared_ptr<const endpoint_list> list;
    };
    std::vector<service> services;
};

} // namespace adit::proxy
