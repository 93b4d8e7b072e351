// What of a request is hashed to find its endpoint.
#pragma once

#include "core/ip.hpp"
#include "http/head.hpp"
#include "model/balance.hpp"

#include <cstdint>
#include <optional>

namespace adit::upstream {

// nullopt: the request has no such header or cookie, and may go anywhere. `client`: as far as proxies are
// believed.
std::optional<std::uint64_t>
request_key(const http::request_head& head, const model::balance& by, const ip_address& client) noexcept;

} // namespace adit::upstream
