// How many descriptors the process may have, and how many of them clients may take.
#pragma once

#include <cstdint>

namespace adit::net {

struct descriptor_budget {
    std::uint64_t limit = 0; // RLIMIT_NOFILE, soft
    // Client connections are no longer accepted from here on: what is left serves exchanges under way (one
    // descriptor each to an endpoint), files and the API.
    int ceiling = 0;
};

// Of a soft limit: an eighth is kept back, at least 32 and at most 16384.
descriptor_budget make_budget(std::uint64_t limit) noexcept;

// Raises the soft limit to the hard one, which needs no rights, and tells what there is now.
descriptor_budget raise_descriptor_limit() noexcept;

// What so many client connections may need in all, each with one to an endpoint.
std::uint64_t descriptors_for(std::uint64_t connections) noexcept;

} // namespace adit::net
