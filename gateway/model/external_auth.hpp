// A service that is asked about each request of a route before it goes on.
#pragma once

#include "model/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adit::model {

// A value of the request that an answer of the service depends on.
struct auth_key_part {
    enum class kind { header, cookie, method, host, path, address };

    kind what = kind::header;
    std::string name; // of the header or cookie

    bool operator==(const auth_key_part&) const = default;
};

// 2xx lets the request go on, 401 and 403 end it; everything else is a failure of the service.
struct external_auth {
    std::vector<endpoint> endpoints;
    std::string host;         // what the service is called in Host; empty = its endpoint's address
    std::string target = "/"; // path and query of the question
    std::string method = "GET";
    // Fields of the client's request that the question carries; absent = all. The body never is.
    std::optional<std::vector<std::string>> request_headers;
    // Fields of an allowing answer that the upstream gets; what the client sent under these names is removed.
    std::vector<std::string> response_headers;
    // Where a 401 sends the client (302), with the URL it wanted as the parameter `signin_param`; empty =
    // 401.
    std::string signin;
    std::string signin_param = "rd";
    std::string request_redirect; // X-Auth-Request-Redirect; empty = the path and query of the request
    std::vector<auth_key_part> cache_key; // empty = answers are not kept
    std::chrono::milliseconds cache_ttl{0};
    std::chrono::milliseconds timeout{5'000}; // from the question to the whole head of its answer
    bool allow_on_error = false;
    std::uint16_t status_on_error = 503;
    bool always_set_cookie = false; // Set-Cookie of the service also with answers other than 2xx and 3xx

    bool operator==(const external_auth&) const = default;
};

} // namespace adit::model
