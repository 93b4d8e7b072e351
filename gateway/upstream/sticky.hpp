// The cookie that keeps a client on one endpoint: read and written, without sockets.
#pragma once

#include "http/head.hpp"
#include "model/balance.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace adit::upstream {

// A key drawn at random, or the mark of an endpoint: 16 hexadecimal digits. Neither says anything about
// addresses; a client that makes one up chooses among the endpoints of its own track, nothing else.
using sticky_value = std::array<char, 16>;
sticky_value to_sticky_value(std::uint64_t number) noexcept;
std::optional<std::uint64_t> parse_sticky_value(std::string_view text) noexcept;

// The part of the cookie that counts: up to a '|', behind which ingress-nginx names the backend. A null view
// where there is none.
std::string_view sticky_key(const http::head& request, const model::sticky& wish) noexcept;

inline constexpr std::size_t sticky_cookie_capacity = 1024; // enough for what validate() lets through

struct sticky_facts {
    std::string_view tag{};      // written behind a '|' unless empty
    bool secure = false;         // the request came over TLS
    std::chrono::seconds now{0}; // since 1970
};
// Value of the Set-Cookie field. A view of `out`; empty where it is too small.
std::string_view write_sticky_cookie(
    const model::sticky& wish, const sticky_value& value, const sticky_facts& facts, std::span<char> out
) noexcept;

} // namespace adit::upstream
