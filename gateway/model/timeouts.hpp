// Times after which what does not move ends, for the whole gateway and for one route.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace adit::model {

// Units are in the type. Each has a counter of its own: adit_timeouts_total{timeout="NAME"}.
struct timeouts {
    std::chrono::milliseconds tls_handshake{10'000};  // from the connection, or the PROXY line, to its end
    std::chrono::milliseconds head{30'000};           // a whole request head, from its first byte
    std::chrono::milliseconds body{60'000};           // between two reads of a request body
    std::chrono::milliseconds idle{75'000};           // a client connection between two requests
    std::chrono::milliseconds connect{5'000};         // to an endpoint
    std::chrono::milliseconds first_byte{60'000};     // of a response, from the end of the request
    std::chrono::milliseconds response{60'000};       // between two reads of a response body
    std::chrono::milliseconds send{60'000};           // in which a client takes no byte of its response
    std::chrono::milliseconds exchange{0};            // request and response as a whole; 0 = unbounded
    std::chrono::milliseconds tunnel_idle{3'600'000}; // an upgraded connection without a byte either way
    std::chrono::milliseconds upstream_idle{60'000};  // a pooled connection
    std::uint64_t min_rate = 240;                     // bytes a second, of a body either way; 0 = any
    std::chrono::milliseconds rate_grace{60'000};     // that a client may be behind min_rate by

    bool operator==(const timeouts&) const = default;
};

// What one route has of its own; absent = the gateway's.
struct route_timeouts {
    std::optional<std::chrono::milliseconds> body, connect, first_byte, response, send, exchange, tunnel_idle;
    std::optional<std::uint64_t> min_rate;
    std::optional<std::chrono::milliseconds> rate_grace;

    bool operator==(const route_timeouts&) const = default;
};

inline timeouts in_force(timeouts all, const route_timeouts& own) {
    const auto take = [](auto& into, const auto& from) {
        if (from) into = *from;
    };
    take(all.body, own.body);
    take(all.connect, own.connect);
    take(all.first_byte, own.first_byte);
    take(all.response, own.response);
    take(all.send, own.send);
    take(all.exchange, own.exchange);
    take(all.tunnel_idle, own.tunnel_idle);
    take(all.min_rate, own.min_rate);
    take(all.rate_grace, own.rate_grace);
    return all;
}

} // namespace adit::model
