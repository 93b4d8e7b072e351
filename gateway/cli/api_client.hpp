// A small blocking client of the admin API, for commands that ask once and print.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::cli {

// Where the API is: "http://127.0.0.1:9090", or without the scheme.
struct api_address {
    std::string host{}; // without brackets
    std::string port{};
    bool operator==(const api_address&) const = default;
};
std::optional<api_address> parse_api_address(std::string_view text, std::string* why = nullptr);

struct api_request {
    std::string method = "GET";
    std::string path{}; // "/api/v1/routes/shop/weights", already percent-encoded
    std::string body{}; // JSON; empty = none
    std::string token{};
    std::string if_match{};                    // a quoted ETag; empty = none
    std::chrono::milliseconds timeout{10'000}; // for the whole exchange
};

struct api_answer {
    unsigned status = 0; // 0: there was no answer, see error
    std::string body{};
    std::string etag{};
    std::string error{}; // one sentence without a full stop
    std::string hint{};

    bool ok() const { return status >= 200 && status < 300; }
};

// Where the status is 400 or above, error and hint are those of the problem in the body.
api_answer ask(const api_address& where, const api_request& request);

// One path segment: everything but RFC 3986 unreserved characters is percent-encoded.
std::string encode_segment(std::string_view text);

} // namespace adit::cli
