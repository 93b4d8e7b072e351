// What callers write to the API, read strictly: JSON bodies, If-Match and paths.
#pragma once

#include "admin/control.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::admin {

// malformed-json with line and column, or the value.
answer<boost::json::value> read_json(std::string_view body);

// {"canary": 12.5, "next": 1}. Whether tracks exist and what the sum is, the control knows.
answer<std::map<std::string, double>> read_weights(std::string_view body);

// {"weight": 12.5}.
answer<double> read_weight(std::string_view body);

// Nothing, or {"routes": ["shop"], "reason": "…"}.
struct kill_body {
    std::optional<std::vector<std::string>> routes{};
    std::string reason{};
};
answer<kill_body> read_kill(std::string_view body);

// {"url": "http://shop.test/cart?x=1"} or {"host": "shop.test", "path": "/cart?x=1"}; also method, address,
// and headers as {"X-Next": "gold"}, {"Cookie": ["a=1", "b=2"]} or ["X-Next: gold"].
answer<explain_request> read_explain(std::string_view body);

// Generations that the field names; tags that are no generation, weak ones too (RFC 9110 §13.1.1), match
// nothing. nullopt where it is absent or "*".
std::optional<std::vector<std::uint64_t>> read_if_match(const std::optional<std::string>& field);
std::string etag(std::uint64_t generation);

} // namespace adit::admin
