// Whom to believe about a request: what a peer may say in the name of others, and what address rules go by.
#pragma once

#include "core/ip.hpp"
#include "http/head.hpp"

#include <cstdint>
#include <vector>

namespace adit::proxy {

bool contains(const std::vector<ip_prefix>& list, const ip_address& address) noexcept;

// Marks as dropped the fields by which a peer that is not trusted could pretend to be a proxy that is, and,
// unless they are kept, unknown fields with '_' in their name. Returns how many of the latter there were.
std::uint32_t drop_unbelieved(http::request_head& head, bool trusted, bool keep_underscores) noexcept;

// The peer's address, or what peers in `trusted` say of it in X-Forwarded-For: from the last element on, as
// each was added by the one before it, up to the first that is not trusted itself.
ip_address client_address(
    const http::request_head& head, const ip_address& peer, const std::vector<ip_prefix>& trusted
) noexcept;

} // namespace adit::proxy
