// One exchange's question to an authorising service, and what came of it.
#pragma once

#include "core/block_pool.hpp"
#include "policy/auth_cache.hpp"
#include "proxy/sub_request.hpp"

#include <cstdint>
#include <string_view>

namespace adit::proxy {

// Lent by the worker from the question to the end of the exchange: what the service said goes to the upstream
// with every attempt, and to the client.
struct authorisation {
    static constexpr std::uint8_t most_attempts = 2;

    explicit authorisation(worker& home) : question(home) {}

    sub_request question;
    std::uint8_t attempts = 0;
    policy::auth_key key{}; // of the answer in the cache, where answers are kept
    block room;             // of the lines
    std::string_view upstream_lines, client_lines;
};

} // namespace adit::proxy
