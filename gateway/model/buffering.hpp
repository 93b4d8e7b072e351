// Whether a route waits for a whole request before it chooses an endpoint. By default bodies stream both
// ways.
#pragma once

#include <cstdint>

namespace adit::model {

struct buffering {
    bool request = false;
    std::uint64_t request_limit = 1024 * 1024; // bytes held in memory; a larger body is answered 413

    bool operator==(const buffering&) const = default;
};

} // namespace adit::model
