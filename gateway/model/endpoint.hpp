// Where requests go: one address and port behind a track, or of a service that a route asks besides.
#pragma once

#include <cstdint>
#include <string>

namespace adit::model {

struct endpoint {
    std::string host; // an IP address without brackets, or a DNS name, re-resolved
    std::uint16_t port = 80;
    std::uint32_t weight = 1; // share of the track's requests, relative to its other endpoints
    std::string zone{};       // where it runs; empty = unknown
    // As an EndpointSlice has it: ready ones get requests; where a whole route has none, those that still
    // serve while they terminate; who is only not ready, never.
    bool ready = true;
    bool serving = true;
    bool terminating = false;
    bool tls = false; // written with https://; a track may ask for it too

    bool same_place(const endpoint& o) const { return host == o.host && port == o.port; }
    bool operator==(const endpoint&) const = default;
};
inline constexpr std::uint32_t max_endpoint_weight = 1000;

} // namespace adit::model
