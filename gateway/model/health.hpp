// What makes an endpoint unfit for requests for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace adit::model {

// By what the requests that it carries tell.
struct passive_health {
    std::uint32_t consecutive_5xx = 5;               // also resets, late and malformed answers; 0 = never
    std::uint32_t consecutive_connect_failures = 5;  // 0 = never
    std::chrono::milliseconds base_ejection{30'000}; // times the number of ejections in a row
    std::chrono::milliseconds max_ejection{300'000};
    // Percent of a track's ready endpoints that may be ejected at one time; one may always be, except the
    // last of stable.
    std::uint32_t max_share = 50;

    bool operator==(const passive_health&) const = default;
};

// By asking it.
struct active_health {
    struct http_check {
        std::string path = "/";
        std::string host{};             // of the Host field; empty = the endpoint's address
        std::uint32_t status_low = 200; // the answers that are good
        std::uint32_t status_high = 399;

        bool operator==(const http_check&) const = default;
    };

    std::optional<http_check> http{}; // absent = a TCP connection is enough
    std::chrono::milliseconds interval{10'000};
    std::chrono::milliseconds timeout{3'000};
    std::uint32_t rise = 2;    // good answers in a row that make a failing endpoint healthy
    std::uint32_t fall = 3;    // bad ones that make it unhealthy
    std::uint32_t jitter = 20; // percent of the interval by which checks come sooner or later

    bool operator==(const active_health&) const = default;
};

struct health {
    std::optional<passive_health> passive{};
    std::optional<active_health> active{};

    bool operator==(const health&) const = default;
};

} // namespace adit::model
