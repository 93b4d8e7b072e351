// One route: what it matches, its tracks, and how a request's track is chosen.
#pragma once

#include "core/complaint.hpp"
#include "core/ip.hpp"
#include "model/balance.hpp"
#include "model/buffering.hpp"
#include "model/compression.hpp"
#include "model/endpoint.hpp"
#include "model/error_pages.hpp"
#include "model/external_auth.hpp"
#include "model/health.hpp"
#include "model/policies.hpp"
#include "model/retry.hpp"
#include "model/timeouts.hpp"
#include "model/tls.hpp"
#include "model/weight.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adit::model {

inline constexpr std::size_t max_tracks = 16; // per route, stable included

// A condition on one named value of a request.
struct value_match {
    enum class kind { exact, regex, present };

    std::string name;
    kind how = kind::present;
    std::string text; // the value or the pattern; unused for `present`

    bool operator==(const value_match&) const = default;
};

struct path_match {
    enum class kind {
        prefix,
        exact,
        regex
    }; // prefix is by whole segments: /foo matches /foo and /foo/bar, not /foobar

    kind how = kind::prefix;
    std::string text = "/";

    bool operator==(const path_match&) const = default;
};

struct match {
    std::vector<std::string> hosts; // "shop.test", "*.shop.test" (one label); empty = every host
    path_match path;
    std::vector<std::string> methods; // empty = every method
    std::vector<value_match> headers; // all must hold
    std::vector<value_match> query;   // all must hold

    bool operator==(const match&) const = default;
};

struct track {
    std::string name; // the first track of a route is "stable"
    std::vector<endpoint> endpoints;
    model::weight weight;    // of stable: unused, it takes the rest
    std::uint32_t parts = 0; // of route::parts_total, where that is not 0
    // Written behind a '|' in the cookie of `balance.sticky`; empty = the name where the cookie pins tracks,
    // else nothing.
    std::string sticky_tag{};
    std::optional<model::balance> balance{}; // of its endpoints; absent = the route's
    place at{};
    std::string ingress{}; // of a canary: namespace/name of the Ingress that asks for it
    // Where its endpoints come from; tracks of one name with the same of it share what is known of them, if
    // they are counted together. Empty: the track's are its own.
    std::string upstream{};
    std::optional<upstream_tls> tls{}; // how endpoints are spoken to; absent = in clear, or as their URL says
    header_edits request_headers{}, response_headers{}; // after those of the route

    bool operator==(const track& o) const {
        return name == o.name && endpoints == o.endpoints && weight == o.weight && parts == o.parts &&
               sticky_tag == o.sticky_tag && ingress == o.ingress && upstream == o.upstream &&
               balance == o.balance && tls == o.tls && request_headers == o.request_headers &&
               response_headers == o.response_headers;
    }
};

struct force_rule {
    enum class subject { header, cookie, query, source };

    subject what = subject::header;
    value_match value;             // header, cookie, query
    std::vector<ip_prefix> source; // source: any of them
    std::string track;
    place at;
    // Who says so: the annotation without its prefix, and namespace/name of its Ingress. Empty for those of a
    // file.
    std::string annotation{}, ingress{};
    // Names as nginx's $http_NAME and $cookie_NAME have them: without case, '-' and '_' of a header alike.
    bool nginx_names = false;
    // A pattern that hits a limit ends the choice at stable, and is counted; else it is a miss.
    bool error_is_stable = false;
};

// Who stays together when weights move. Absent = dice.
struct cohort {
    enum class key { header, cookie, address };

    key by = key::cookie;
    std::string name; // of the header or cookie
    std::string salt; // empty = the route's name
    // cookie only: Adit issues it, signed, to whoever has none. Absent in the file = yes for the name "adit"
    // and names that begin with "adit-", no for all others (they belong to the application).
    bool issue = false;
    bool signed_only = false; // cookie only: a value that Adit did not sign is no key

    bool operator==(const cohort&) const = default;
};

// Which track an incoming colour header may ask for, and who may ask.
struct colour {
    bool accept_canary_flag = false;   // X-Canary: true
    bool accept_version_route = false; // X-Version-Route: NAME
    std::vector<ip_prefix> from;       // nobody when empty

    bool enabled() const { return (accept_canary_flag || accept_version_route) && !from.empty(); }
    bool operator==(const colour&) const = default;
};

struct route {
    std::string name; // [a-z0-9][a-z0-9.-]*, and more of that kind behind slashes
    // Its name in metrics; several routes may share one; empty = `name`. Of an Ingress: namespace/name, with
    // which the route's own name begins.
    std::string counted_as;
    model::match match;
    std::vector<track>
        tracks; // stable first, the others in the order they were written; never empty after validate()
    // Where it is not 0, declared weights are exactly tracks' `parts` of so many; `weight` is what they come
    // to.
    std::uint32_t parts_total = 0;
    std::vector<force_rule> force;
    std::optional<model::cohort> cohort;
    std::optional<model::colour> incoming_colour; // absent = the gateway's
    bool send_colour = true;         // X-Version-Route: TRACK on requests to a track other than stable
    bool fallback_any = false;       // `fallback: any`: an empty stable may be answered by another track
    bool requires_stable = false;    // without a usable endpoint of stable: 503, whatever track was chosen
    bool tell_server_timing = false; // Server-Timing: adit;desc="TRACK"
    std::string tell_header;         // name of a response header that tells the track; empty = none
    model::balance balance;
    model::health health;
    model::https https;
    std::vector<std::string> upgrades{"websocket"}; // protocols that may be tunnelled, lower case
    std::optional<model::compression> compress;
    model::policies policies;
    route_timeouts timeouts;
    std::optional<model::retry> retry;
    model::trailers trailers;
    std::optional<model::external_auth> external_auth;
    std::optional<model::error_pages> error_pages; // absent = the gateway's
    std::vector<endpoint> default_backend; // asked when no track that may answer has a usable endpoint
    model::buffering buffering;
    place at;

    const std::string& label() const { return counted_as.empty() ? name : counted_as; }
    const model::balance& balance_of(const track& one) const { return one.balance ? *one.balance : balance; }
    // Of a track that does not stick to anything its own cookie says nothing.
    std::string_view sticky_tag_of(const track& one) const {
        const auto& wish = balance_of(one).sticky;
        if (!wish) return {};
        if (!one.sticky_tag.empty()) return one.sticky_tag;
        return wish->pins == sticky::pin::none ? std::string_view{} : std::string_view{one.name};
    }
    const track* find_track(std::string_view wanted) const {
        for (const auto& one : tracks)
            if (one.name == wanted) return &one;
        return nullptr;
    }
};

} // namespace adit::model
