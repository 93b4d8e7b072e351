// How a route's requests are spread over the endpoints of the track that they go to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace adit::model {

// Keeps a client on one endpoint by a cookie that Adit gives it.
struct sticky {
    enum class mode {
        balanced,   // the cookie is a key that is hashed: when endpoints change some clients move
        persistent, // the cookie is a mark of the endpoint: its clients stay until it is gone
    };
    enum class same_site { unsaid, strict, lax, none };
    // Whether the cookie says the track as well, by the track's sticky_tag (its name where that is empty).
    // Whoever has it stays on that track whatever the weights; a kill switch counts more.
    enum class pin {
        none,
        track, // after force rules and colour
        strict // before them, as ingress-nginx has it
    };

    std::string cookie = "adit-endpoint";
    mode how = mode::balanced;
    std::string path = "/";
    std::string domain{};             // empty = the host that answers
    std::chrono::milliseconds ttl{0}; // Max-Age; 0 = until the browser ends
    same_site site = same_site::lax;
    std::chrono::milliseconds expires{0}; // as ttl, by an Expires attribute of its own
    bool secure = false;                  // always; over TLS it is said anyway
    pin pins = pin::none;
    bool change_on_failure = false; // who was carried by another endpoint stays there from then on

    bool operator==(const sticky&) const = default;
};

struct balance {
    enum class method {
        round_robin,    // in turn, by weight, smoothly
        least_requests, // of two drawn at random the one with fewer requests under way for its weight
        peak_ewma,      // of two drawn at random the one that is expected to answer first
        hash,           // the same key goes to the same endpoint, on every replica
    };
    enum class hash_by { header, cookie, address, uri };

    method by = method::round_robin;
    hash_by key = hash_by::address; // of `hash`
    std::string key_name{};         // of the header or cookie
    // Percent of its fair share of the requests under way that an endpoint may carry before `hash` passes it
    // over; 0 = as much as may come.
    std::uint32_t hash_bound = 0;
    std::chrono::milliseconds slow_start{
        0};                   // in which the share of a newcomer grows from little to its weight
    bool prefer_zone = false; // endpoints of the gateway's own zone while they suffice
    // Of each endpoint, over all workers; 0 = unbounded.
    std::uint32_t max_connections = 0;
    std::uint32_t max_in_flight = 0;
    // Requests of a track that may wait while all its endpoints are at their limits, and how long each.
    std::uint32_t max_pending = 1024;
    std::chrono::milliseconds pending_timeout{10'000};
    std::optional<model::sticky> sticky{};

    bool limited() const { return max_connections != 0 || max_in_flight != 0; }
    bool operator==(const balance&) const = default;
};

inline constexpr std::uint32_t lowest_hash_bound = 101, highest_hash_bound = 1000; // percent
inline constexpr std::uint32_t most_pending = 1'000'000;

} // namespace adit::model
