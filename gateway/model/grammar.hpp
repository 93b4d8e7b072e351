// What names may look like. All of them answer for the whole text.
#pragma once

#include "model/fault.hpp"

#include <optional>
#include <string_view>

namespace adit::model {

inline constexpr std::size_t max_route_name = 340; // bytes; namespace/ingress/rule/path of Kubernetes fits
inline constexpr std::size_t max_track_name = 63;  // bytes; a DNS label

// RFC 9110 §5.6.2: names of fields and cookies, methods, protocols.
bool is_token(std::string_view text) noexcept;
// [a-z0-9][a-z0-9.-]*, and more of that kind behind slashes: "shop", "team/shop/0/1".
bool is_route_name(std::string_view text) noexcept;
// [a-z0-9][a-z0-9-]*: it is the value of X-Version-Route and a metric label.
bool is_track_name(std::string_view text) noexcept;
// RFC 1123 with underscores, labels of 1…63, at most 253 bytes, a dot at the end allowed. False for dotted
// digits that are no IP address.
bool is_dns_name(std::string_view text) noexcept;
// Free of control bytes: may be sent and received as a field value.
bool is_field_text(std::string_view text) noexcept;
// What is wrong with a host of a match ("shop.test", "*.shop.test", "10.0.0.1", "[fd00::1]"); nullopt =
// nothing.
std::optional<fault> check_host_pattern(std::string_view text);

} // namespace adit::model
