#include "model/defaults_balance.hpp"

#include "model/balance.hpp"
#include "model/health.hpp"
#include "model/units.hpp"

#include <string>

namespace adit::model {

namespace {

std::string flag(bool value) {
    return value ? "true" : "false";
}

void add_sticky(std::vector<default_value>& out) {
    const sticky wish;
    out.push_back({"routes[].balance.sticky.cookie", wish.cookie, "Name of the cookie"});
    out.push_back(
        {"routes[].balance.sticky.mode", "balanced",
         "`balanced`: the cookie is a key that is hashed, so that some clients move when endpoints change; "
         "`persistent`: "
         "it marks an endpoint, and its clients stay until it is gone"}
    );
    out.push_back({"routes[].balance.sticky.path", wish.path, "Path of the cookie"});
    out.push_back(
        {"routes[].balance.sticky.ttl", to_text(wish.ttl),
         "Max-Age of the cookie; 0s = until the browser ends"}
    );
    out.push_back(
        {"routes[].balance.sticky.expires", to_text(wish.expires),
         "Time to an Expires attribute, for browsers without Max-Age; 0s = none"}
    );
    out.push_back(
        {"routes[].balance.sticky.same_site", "lax",
         "SameSite of the cookie; `unsaid` leaves it to the browser"}
    );
    out.push_back(
        {"routes[].balance.sticky.secure", flag(wish.secure),
         "Secure also where the request came without TLS"}
    );
    out.push_back(
        {"routes[].balance.sticky.change_on_failure", flag(wish.change_on_failure),
         "Who was carried by another endpoint after a failure gets a new cookie and stays there"}
    );
    out.push_back(
        {"routes[].balance.sticky.pin", "none",
         "`track`: the cookie names the track as well, and whoever has it stays on that whatever the "
         "weights, "
         "unless a force rule or a colour matches or the kill switch is on; `strict`: even before those two; "
         "`none`: the endpoint only"}
    );
}

} // namespace

void add_balance(std::vector<default_value>& out) {
    const balance wish;
    out.push_back(
        {"routes[].balance.by", "round_robin",
         "`round_robin`: in turn, by weight; `least_requests`: of two drawn at random the one with fewer "
         "requests under "
         "way for its weight; `peak_ewma`: of two the one expected to answer first; `hash`: the same key "
         "goes to the "
         "same endpoint, on every replica"}
    );
    out.push_back(
        {"routes[].balance.hash.bound", std::to_string(wish.hash_bound),
         "Percent of its fair share of a worker's requests under way beyond which an endpoint is passed "
         "over, 101 to "
         "1000; 0 = never"}
    );
    add_sticky(out);
    out.push_back(
        {"routes[].balance.slow_start", to_text(wish.slow_start),
         "Time in which the share of an endpoint that is new to its track grows from a tenth to the whole"}
    );
    out.push_back(
        {"routes[].balance.zone", "any",
         "`prefer`: endpoints of the gateway's own zone, as far as they can carry its part of the traffic; "
         "not with "
         "`hash` and `sticky`"}
    );
    out.push_back(
        {"routes[].balance.max_connections", std::to_string(wish.max_connections),
         "Connections to one endpoint over all workers, idle ones included; 0 = unbounded"}
    );
    out.push_back(
        {"routes[].balance.max_in_flight", std::to_string(wish.max_in_flight),
         "Requests under way at one endpoint over all workers; 0 = unbounded"}
    );
    out.push_back(
        {"routes[].balance.max_pending", std::to_string(wish.max_pending),
         "Requests of a track that may wait while all its endpoints are at their limits; more are answered "
         "503"}
    );
    out.push_back(
        {"routes[].balance.pending_timeout", to_text(wish.pending_timeout),
         "Time that a request waits for a place; then it is answered 503"}
    );
}

void add_health(std::vector<default_value>& out) {
    const passive_health passive;
    const active_health active;
    const active_health::http_check http;
    out.push_back(
        {"routes[].health.passive.consecutive_5xx", std::to_string(passive.consecutive_5xx),
         "Server errors in a row that eject, resets, late and malformed answers included; 0 = never"}
    );
    out.push_back(
        {"routes[].health.passive.consecutive_connect_failures",
         std::to_string(passive.consecutive_connect_failures),
         "Connections in a row that do not come up and eject; 0 = never"}
    );
    out.push_back(
        {"routes[].health.passive.base_ejection", to_text(passive.base_ejection),
         "Time of a first ejection; the next in a row last twice, three times … as long"}
    );
    out.push_back(
        {"routes[].health.passive.max_ejection", to_text(passive.max_ejection), "Longest time of an ejection"}
    );
    out.push_back(
        {"routes[].health.passive.max_share", std::to_string(passive.max_share),
         "Percent of a track's endpoints that may be ejected at one time; one always may, but never the last "
         "of stable"}
    );
    out.push_back({"routes[].health.active.http.path", http.path, "Path that is asked for"});
    out.push_back(
        {"routes[].health.active.http.status",
         std::to_string(http.status_low) + '-' + std::to_string(http.status_high), "Statuses that are good"}
    );
    out.push_back({"routes[].health.active.interval", to_text(active.interval), "Time between two checks"});
    out.push_back({"routes[].health.active.timeout", to_text(active.timeout), "Time that a check may take"});
    out.push_back(
        {"routes[].health.active.rise", std::to_string(active.rise),
         "Good checks in a row after which a failing endpoint is healthy again"}
    );
    out.push_back(
        {"routes[].health.active.fall", std::to_string(active.fall),
         "Bad checks in a row after which an endpoint is unhealthy"}
    );
    out.push_back(
        {"routes[].health.active.jitter", std::to_string(active.jitter),
         "Percent of the interval by which checks come sooner or later"}
    );
}

} // namespace adit::model
