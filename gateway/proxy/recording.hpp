// Where a worker leaves records of its exchanges, and of which.
#pragma once

#include "model/weight.hpp"

#include <cstdint>
#include <memory>

namespace adit::observe {
class record_ring;
}

namespace adit::proxy {

// The worker's own copy; replaced by a message.
struct recording {
    std::shared_ptr<observe::record_ring> ring; // null: nobody wants to know
    bool log = false;
    bool tap = false;                            // every exchange, whatever the log wants
    std::uint32_t sample = model::weight::whole; // of 10000 exchanges, for the log
    bool always_errors = true;                   // whatever the sample
};

} // namespace adit::proxy
