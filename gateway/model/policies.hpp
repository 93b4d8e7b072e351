// What a route asks for besides choosing a track: how requests and answers are reshaped, and who is refused.
#pragma once

#include "core/complaint.hpp"
#include "core/ip.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace adit::model {

// The path that the upstream gets. The query is kept; one that `to` brings is put before it.
struct rewrite {
    enum class kind {
        prefix, // `to` replaces the prefix that the route matched
        regex   // `to` replaces the whole path where `pattern` is found in it; may use $1 and ${name}
    };

    kind how = kind::prefix;
    std::string pattern; // of kind regex; empty = the route's own path regex, as it matched
    std::string to;
    // X-Forwarded-Prefix of requests whose path was rewritten; may use groups as `to` does; empty = none
    std::string forwarded_prefix;

    bool operator==(const rewrite&) const = default;
};

// An answer that sends the client elsewhere, given before anything else is looked at.
struct redirect {
    std::string to;           // an URL or a path, with variables (redirect_variables)
    std::uint16_t code = 302; // 301, 302, 303, 307 or 308
    std::string path;         // only requests with exactly this path; empty = every request

    bool operator==(const redirect&) const = default;
};

struct header_value {
    std::string name, value; // the value may use header_variables

    bool operator==(const header_value&) const = default;
};

// Done in this order: `remove`, `set` (instead of what is there), `add` (beside what is there).
struct header_edits {
    std::vector<std::string> remove;
    std::vector<header_value> set, add;

    bool empty() const { return remove.empty() && set.empty() && add.empty(); }
    bool operator==(const header_edits&) const = default;
};

// Who may come, by the client's address through trusted proxies. `deny` is looked at first, then `allow`.
struct access {
    std::vector<ip_prefix> allow; // empty = everybody
    std::vector<ip_prefix> deny;
};

// Which other sites' pages may read answers (the Fetch standard's CORS protocol). The gateway answers
// preflights itself and replaces what upstreams say of it.
struct cors {
    std::vector<std::string> origins; // "https://a.test", "https://*.a.test" (one label), "null", "*"
    std::vector<std::string> methods{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"};
    // That pages may send; "*" = whatever the browser asks for.
    std::vector<std::string> headers{"Accept",     "Authorization",     "Cache-Control", "Content-Type",
                                     "Range",      "If-Modified-Since", "DNT",           "Keep-Alive",
                                     "User-Agent", "X-Requested-With"};
    std::vector<std::string> expose; // that pages may read
    // With cookies and other credentials. With origin "*" the origin is then named in each answer, as the
    // protocol knows no other way: any site acts with the rights of whoever visits it.
    bool credentials = false;
    std::chrono::milliseconds max_age{2 * 3'600'000}; // of an answered preflight, in the browser
};

inline constexpr std::size_t max_rate_limits = 8; // per route

// How much of a route one key may use, over all workers.
struct rate_limit {
    enum class key {
        address, // of the client through trusted proxies; of IPv6 the first 64 bits
        header,  // its value; who does not send it is not limited
        route    // everybody together
    };

    key by = key::address;
    std::string header;
    std::uint32_t requests = 0; // per `per`, in a leaky bucket; 0 = no bound
    std::chrono::milliseconds per{1'000};
    std::uint32_t burst = 0;       // so many more at once, without being delayed
    std::uint32_t connections = 0; // exchanges at one time; 0 = no bound
    std::vector<ip_prefix> except; // clients that this does not concern
};

// Only who has a name and a password (RFC 7617) may come.
struct basic_auth {
    std::string file;  // an htpasswd file, read again when it changes
    std::string users; // what such a file would hold, where there is none
    std::string realm{"Restricted"};
    bool forward = true; // the upstream gets Authorization too

    bool operator==(const basic_auth&) const = default;
};

struct policies {
    std::optional<model::rewrite> rewrite;
    std::optional<model::redirect> redirect;
    header_edits request_headers, response_headers;
    std::optional<model::access> access;
    std::optional<model::cors> cors;
    std::vector<rate_limit> rate; // all of them hold
    std::optional<model::basic_auth> basic_auth;
    std::optional<std::uint64_t> body_max; // bytes, 0 = unbounded; absent = the gateway's limits.body

    bool empty() const {
        return !rewrite && !redirect && request_headers.empty() && response_headers.empty() && !access &&
               !cors && rate.empty() && !basic_auth && !body_max;
    }
};

} // namespace adit::model
