#include "model/defaults.hpp"

#include "model/defaults_access_log.hpp"
#include "model/defaults_balance.hpp"
#include "model/defaults_tls.hpp"
#include "model/defaults_tracing.hpp"
#include "model/gateway.hpp"
#include "model/units.hpp"

#include <algorithm>
#include <vector>

namespace adit::model {

namespace {

std::string flag(bool value) {
    return value ? "true" : "false";
}

void add_request_bounds(std::vector<default_value>& out) {
    const model::limits limits;
    out.push_back(
        {"limits.request_line", size_to_text(limits.request_line),
         "Bytes of a request line; more is answered 414"}
    );
    out.push_back({"limits.head", size_to_text(limits.head), "Bytes of a request head; more is answered 431"}
    );
    out.push_back(
        {"limits.fields", std::to_string(limits.fields),
         "Field lines of a request head; more is answered 431"}
    );
    out.push_back(
        {"limits.body", size_to_text(limits.body),
         "Bytes of a request body, 0 for no bound; more is answered 413"}
    );
    out.push_back(
        {"limits.connections", std::to_string(limits.connections),
         "Client connections over all workers, 0 for no bound; more are answered 503 and closed"}
    );
    out.push_back(
        {"limits.in_flight", std::to_string(limits.in_flight),
         "Requests under way over all workers, tunnels included, 0 for no bound; more are answered 503"}
    );
    out.push_back(
        {"limits.memory", size_to_text(limits.memory),
         "Resident bytes of the process, 0 for no bound; above it new connections and requests are answered "
         "503"}
    );
}

void add_times(std::vector<default_value>& out) {
    const model::timeouts times;
    const model::drain drain;
    out.push_back(
        {"timeouts.tls_handshake", to_text(times.tls_handshake),
         "Time for a TLS handshake with a client, or with an endpoint"}
    );
    out.push_back({"timeouts.head", to_text(times.head), "Time for a whole request head, from its first byte"}
    );
    out.push_back({"timeouts.body", to_text(times.body), "Time between two pieces of a request body"});
    out.push_back(
        {"timeouts.idle", to_text(times.idle), "Time that a client connection is kept between two requests"}
    );
    out.push_back({"timeouts.connect", to_text(times.connect), "Time to connect to an endpoint"});
    out.push_back(
        {"timeouts.first_byte", to_text(times.first_byte),
         "Time to the first byte of a response, from the end of the request"}
    );
    out.push_back({"timeouts.response", to_text(times.response), "Time between two pieces of a response body"}
    );
    out.push_back(
        {"timeouts.send", to_text(times.send), "Time that a client may go without reading its response"}
    );
    out.push_back(
        {"timeouts.exchange", to_text(times.exchange),
         "Time for request and response as a whole, 0s for no bound; an upgraded connection has none"}
    );
    out.push_back(
        {"timeouts.tunnel_idle", to_text(times.tunnel_idle),
         "Time that an upgraded connection may carry no byte either way"}
    );
    out.push_back(
        {"timeouts.upstream_idle", to_text(times.upstream_idle),
         "Time that an idle upstream connection is kept"}
    );
    out.push_back(
        {"timeouts.min_rate", size_to_text(times.min_rate),
         "Bytes a second that a client must move a body at, either way, while it is waited for; 0 for any"}
    );
    out.push_back(
        {"timeouts.rate_grace", to_text(times.rate_grace),
         "Time that a client may be behind min_rate by; at least `body`, or `send`"}
    );
    out.push_back(
        {"drain.min", to_text(model::drain::usual_min),
         "Time after SIGTERM in which requests are still accepted while /readyz says no; when not set and "
         "nobody has asked /readyz within the last minute, none"}
    );
    out.push_back(
        {"drain.max", to_text(drain.max),
         "Time that exchanges in flight are then waited for; what is left is cut off"}
    );
}

void add_endpoints(std::vector<default_value>& out) {
    const model::endpoint endpoint;
    out.push_back(
        {"routes[].tracks.NAME.endpoints[].weight", std::to_string(endpoint.weight),
         "Its share of the track's requests, relative to the other endpoints; 1 to 1000"}
    );
    out.push_back(
        {"routes[].tracks.NAME.endpoints[].serving", flag(endpoint.serving),
         "It still answers while it terminates: who is bound to it stays, and others come where nothing is "
         "ready"}
    );
    out.push_back(
        {"routes[].tracks.NAME.endpoints[].terminating", flag(endpoint.terminating),
         "It is about to go: no new requests"}
    );
}

std::string list(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += (out.empty() ? "[" : ", ") + one;
    return out.empty() ? "[]" : out + ']';
}

void add_policies(std::vector<default_value>& out) {
    const model::cors cors;
    out.push_back(
        {"routes[].redirect.code", std::to_string(model::redirect{}.code),
         "Status of the redirect: 301, 302, 303, 307 or 308"}
    );
    out.push_back({"routes[].cors.methods", list(cors.methods), "Methods that pages may use"});
    out.push_back(
        {"routes[].cors.headers", list(cors.headers),
         "Request headers that pages may send; * allows whatever the browser asks for"}
    );
    out.push_back(
        {"routes[].cors.credentials", flag(cors.credentials),
         "Whether pages may send cookies and other credentials"}
    );
    out.push_back(
        {"routes[].cors.max_age", to_text(cors.max_age),
         "Time that a browser may keep the answer to a preflight"}
    );
    out.push_back(
        {"routes[].basic_auth.realm", model::basic_auth{}.realm,
         "What browsers say when they ask for a password"}
    );
    out.push_back(
        {"routes[].basic_auth.forward", flag(model::basic_auth{}.forward),
         "Whether upstreams get the field Authorization"}
    );
    out.push_back(
        {"routes[].rate[].burst", std::to_string(model::rate_limit{}.burst),
         "Requests beyond the rate that pass at once, without delay"}
    );
}

void add_route_parts(std::vector<default_value>& out) {
    const model::route route;
    const model::cohort cohort;
    out.push_back(
        {"routes[].match.path.prefix", route.match.path.text,
         "Path that requests begin with, by whole segments: /foo matches /foo and /foo/bar, not /foobar"}
    );
    out.push_back(
        {"routes[].tracks.NAME.weight", to_text(model::weight{}),
         "Share of the route's randomised traffic in percent, to 0.01; stable has none, it takes the rest"}
    );
    out.push_back(
        {"routes[].cohort.signed", flag(cohort.signed_only),
         "With `cookie`: a value that Adit did not sign is no key"}
    );
    out.push_back(
        {"routes[].send_colour", flag(route.send_colour),
         "Send X-Version-Route with the track's name to upstreams of other tracks than stable"}
    );
    out.push_back(
        {"routes[].fallback", route.fallback_any ? "any" : "none",
         "`any`: when stable has no usable endpoint, another track may answer; `none`: the answer is 503"}
    );
    out.push_back(
        {"routes[].respond.server_timing", flag(route.tell_server_timing),
         "Tell the track in responses by Server-Timing: adit;desc=\"TRACK\""}
    );
    add_upstream_tls_defaults(out);
    add_https_defaults(out);
    out.push_back(
        {"routes[].upgrades", list(route.upgrades),
         "Protocols that a connection may be upgraded to; [] for none"}
    );
}

void add_bodies(std::vector<default_value>& out) {
    const model::compression compression;
    out.push_back(
        {"routes[].compress.min_length", size_to_text(compression.min_length),
         "Bytes of a body; answers that announce fewer are not compressed"}
    );
    out.push_back(
        {"routes[].compress.level", std::to_string(compression.level),
         "From 1 (fast) to 9 (small), for either encoding"}
    );
    std::string encodings;
    for (const auto& one : compression.encodings) encodings += (encodings.empty() ? "[" : ", ") + one;
    out.push_back(
        {"routes[].compress.encodings", encodings + ']',
         "br and gzip, or one of them; the first wins where a client likes both as much"}
    );
    const model::external_auth auth;
    const auto add = [&](std::string_view key, std::string value, std::string_view meaning) {
        out.push_back({key, std::move(value), meaning});
    };
    add("routes[].external_auth.path", auth.target, "Path and query of the question, with `endpoints`");
    add("routes[].external_auth.method", auth.method, "Method of the question, in upper case");
    add("routes[].external_auth.signin_param", auth.signin_param,
        "Name of the parameter; a `signin` that has it already is used as it is");
    add("routes[].external_auth.timeout", to_text(auth.timeout), "Time for the head of the service's answer");
    add("routes[].external_auth.on_error", auth.allow_on_error ? "allow" : "deny",
        "What happens to requests while the service cannot be asked, or answers neither 2xx, 401 nor 403");
    add("routes[].external_auth.status_on_error", std::to_string(auth.status_on_error),
        "Status of the answer then, with `deny`");
    add("routes[].external_auth.always_set_cookie", flag(auth.always_set_cookie),
        "Pass Set-Cookie of an allowing answer to the client with errors as well");
    add("routes[].body.buffer", flag(route{}.buffering.request),
        "Wait for the whole request before an endpoint is chosen; bodies stream otherwise");
    add("routes[].body.buffer_limit", size_to_text(route{}.buffering.request_limit),
        "Bytes of a body that are held in memory for that; a larger one is answered 413");
}

void add_retries(std::vector<default_value>& out) {
    const model::retry retry;
    out.push_back(
        {"routes[].retry.attempts", std::to_string(retry.attempts),
         "Times that a request is sent in all, at most 8"}
    );
    out.push_back(
        {"routes[].retry.on", "[connect, reset]",
         "What is retried: connect (no connection, so that any method may be), reset (it ended before a "
         "response), timeout (no response in time), bad_response (no HTTP), 5xx, or a status from 400 to 599"}
    );
    out.push_back(
        {"routes[].retry.per_try_timeout", to_text(retry.per_try_timeout),
         "Time from the choice of an endpoint to its response, 0s for no bound of its own; only for requests "
         "that could be sent again"}
    );
    out.push_back(
        {"routes[].retry.within", to_text(retry.within),
         "Time after the first byte of the request in which further attempts may begin, 0s for any"}
    );
    out.push_back(
        {"routes[].retry.non_idempotent", flag(retry.non_idempotent),
         "Retry POST, PATCH and unknown methods as well, though an endpoint may have acted on them"}
    );
    out.push_back(
        {"routes[].retry.budget.percent", std::to_string(retry.budget_percent),
         "Share of the route's requests under way that may be retries"}
    );
    out.push_back(
        {"routes[].retry.budget.min", std::to_string(retry.budget_min),
         "Retries that may be under way however few requests there are"}
    );
    out.push_back(
        {"routes[].trailers.request", "drop", "Trailers of requests: `drop`, or `pass` them to the endpoint"}
    );
    out.push_back(
        {"routes[].trailers.response", "te",
         "Trailers of responses: `te` passes them to clients that said TE: trailers, `drop` to none, `pass` "
         "to all that speak HTTP/1.1"}
    );
}

std::vector<default_value> collect() {
    std::vector<default_value> out;
    add_tls_defaults(out);
    out.push_back(
        {"underscore_fields", flag(gateway{}.underscore_fields),
         "Pass request fields with '_' in their name; they are dropped and counted otherwise"}
    );
    add_request_bounds(out);
    add_times(out);
    add_access_log_defaults(out);
    add_endpoints(out);
    add_route_parts(out);
    add_bodies(out);
    add_policies(out);
    add_retries(out);
    add_balance(out);
    add_health(out);
    add_tracing_defaults(out);
    return out;
}

} // namespace

std::span<const default_value> defaults() {
    static const auto table = collect();
    return table;
}

const default_value* find_default(std::string_view key) {
    const auto all = defaults();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const default_value& one) { return one.key == key; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace adit::model
