// Paths and hosts in the one form that routes are matched against. What goes upstream stays as it was
// received.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace adit::route {

// Decodes percent escapes (once), then merges slashes and resolves "." and ".." segments: "%2e%2e" and "%2F"
// are no way around. Nothing is above the root (RFC 3986 §5.2.4; nginx refuses such a path). The result is
// `raw` itself where nothing had to change, else it lies in `scratch`, which holds at least raw.size() bytes.
// "*" (of OPTIONS) stays "*". nullopt: a bad escape, an encoded NUL, or no '/' in front; refuse with 400.
std::optional<std::string_view> normalise_path(std::string_view raw, std::span<char> scratch) noexcept;

inline constexpr std::size_t max_host = 255; // bytes, RFC 1035 §2.3.4

// Lower case, without port and without one trailing dot: "Shop.Test.:80" is "shop.test", "[::1]:80" is
// "[::1]". The result is part of `authority` or lies in `scratch` (max_host bytes or more); empty for a name
// that is longer.
std::string_view normalise_host(std::string_view authority, std::span<char> scratch) noexcept;

} // namespace adit::route
