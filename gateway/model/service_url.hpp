// A service that is asked besides the tracks, as an operator writes it: by URL.
#pragma once

#include "model/endpoint.hpp"
#include "model/fault.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

struct service_url {
    model::endpoint endpoint;
    std::string host;         // as written, with its port if it has one: what Host says
    std::string target = "/"; // path and query
};

// "http://auth.svc:4180/oauth2/auth?group=staff". A fragment and a user name are refused, and https unless it
// is `secure`.
std::optional<service_url>
parse_service_url(std::string_view text, fault* why = nullptr, bool secure = false);

// A path with or without a query, as it may stand in a request line.
bool is_request_target(std::string_view text) noexcept;

} // namespace adit::model
