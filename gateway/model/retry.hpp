// When a request is sent once more, and what becomes of trailers: wishes of one route.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>

namespace adit::model {

// Without one a route has two silent retries, which no endpoint can have seen twice: one after a connection
// that did not come up, one after a pooled connection that turned out to be closed.
struct retry {
    static constexpr std::uint32_t max_attempts = 8;
    static constexpr std::uint16_t first_status = 400, last_status = 599;
    using status_set = std::bitset<last_status - first_status + 1>;

    std::uint32_t attempts = 2;                   // times that a request is sent in all
    bool on_connect = true;                       // the connection did not come up, or not in time
    bool on_reset = true;                         // it ended before a whole head of a response
    bool on_timeout = false;                      // no response in time: first_byte or per_try_timeout
    bool on_bad_response = false;                 // what came was no HTTP
    status_set statuses{};                        // the response has one of these
    std::chrono::milliseconds per_try_timeout{0}; // from the choice of an endpoint to its response; 0 = none
    std::chrono::milliseconds within{0}; // no further attempt later than this after the first; 0 = any time
    bool non_idempotent = false;         // also POST, PATCH and methods that are not known
    std::uint32_t budget_percent = 20;   // of a route's requests under way that may be retries at one time
    std::uint32_t budget_min = 3;        // retries that are always allowed at one time

    bool on_status(unsigned status) const noexcept {
        return status >= first_status && status <= last_status && statuses[status - first_status];
    }
    bool operator==(const retry&) const = default;
};

// What becomes of the trailer section of a chunked body. Fields that frame, route or authenticate are dropped
// whatever this says (RFC 9110 §6.5.1).
struct trailers {
    enum class policy : std::uint8_t {
        drop,
        pass,
        te // of responses only: to clients that said TE: trailers
    };

    policy request = policy::drop;
    policy response = policy::te;

    bool operator==(const trailers&) const = default;
};

} // namespace adit::model
