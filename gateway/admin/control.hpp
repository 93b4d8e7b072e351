// The port through which the admin API looks at the gateway and changes it. The daemon implements it; tests
// fake it. Everything is called on the control thread, and every reply is given there too, exactly once,
// before or after the call has returned. Weights are numbers of percent.
#pragma once

#include "admin/problem.hpp"
#include "core/complaint.hpp"
#include "observe/tap.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace adit::admin {

template <class T>
using answer = std::variant<T, problem>;
template <class T>
using reply = std::function<void(answer<T>)>;

struct endpoint_view {
    std::string address{};        // "10.0.0.2:80", or "name:80" before it was resolved
    std::string state = "usable"; // "usable", "ejected", "unhealthy", "draining", "unready", "unresolved"
};

struct track_view {
    std::string name{};
    std::vector<endpoint_view> endpoints{};
    std::optional<double> declared{};   // by the source; of stable: the rest
    std::optional<double> overridden{}; // through the API
    double effective = 0;               // what workers draw with
};

struct route_view {
    std::string name{};
    std::vector<std::string> hosts{}; // empty = every host
    std::string path_kind = "prefix";
    std::string path = "/";
    std::vector<std::string> conditions{}; // methods, headers, query, one line each: "header X-Next is gold"
    std::string choice = "dice";           // "dice", "cohort by cookie adit"
    std::vector<track_view> tracks{};      // stable first
    std::string weights_from = "declared"; // "declared", "override", "release", "kill"
    std::uint64_t generation = 0;          // of this route's weights and declaration; its ETag
    bool killed = false;
    std::string kill_reason{};
    bool durable = false;        // an override set now would outlive the process
    std::string overridden_by{}; // actor, empty without an override
    std::vector<std::string> warnings{};
};

// Who asks, for the audit log and for the record of an override.
struct actor {
    std::string name{};    // the token's name, or "anonymous@127.0.0.1"
    std::string address{}; // of the connection, without the port
};

struct weights_request {
    std::string route{};
    std::map<std::string, double> weights{}; // finite; tracks not named keep theirs
    // Generations one of which must be the route's, else stale-generation. Absent = whatever it is.
    std::optional<std::vector<std::uint64_t>> if_match{};
    bool pause = false; // pause an active release instead of answering release-active
    actor by{};
};

struct clear_request {
    std::string route{};
    std::optional<std::vector<std::uint64_t>> if_match{};
    bool pause = false;
    actor by{};
};

// Given when every worker has taken the change.
struct weights_change {
    route_view before{};
    route_view after{};
};

// A canary Ingress as the tracks that it gives to routes of others.
struct ingress_view {
    struct track {
        std::string route{}, name{};
        std::optional<double> declared{}, overridden{};
        double effective = 0;
        std::string weights_from = "declared"; // as of the route
        std::uint64_t generation = 0;
    };

    std::string name{}; // "shop/next"
    std::vector<track> tracks{};
    std::uint64_t generation = 0; // the newest of its routes; its ETag
    bool durable = false;         // as of its routes
    std::vector<std::string> warnings{};
};

struct ingress_weight_request {
    std::string ingress{};
    std::optional<double> weight{}; // of all its tracks; absent = what is declared
    std::optional<std::vector<std::uint64_t>> if_match{};
    bool pause = false;
    actor by{};
};

// Given when every worker has taken the change of all routes.
struct ingress_change {
    ingress_view before{};
    ingress_view after{};
};

struct kill_request {
    std::optional<std::vector<std::string>> routes{}; // absent = all
    std::string reason{};
    actor by{};
};

struct kill_change {
    bool all = false;                   // the switch that covers every route, also ones to come
    std::vector<std::string> before{};  // names of the killed routes
    std::vector<route_view> affected{}; // as they are now
};

struct reload_report {
    bool changed = false; // false: the source says what it said before
    std::uint64_t generation = 0;
    complaints warnings{};
};

struct explain_request {
    std::string method = "GET";
    std::string host{};                                         // as in Host, may carry a port
    std::string target = "/";                                   // path and query
    std::vector<std::pair<std::string, std::string>> headers{}; // without Host
    std::string address{};                                      // of the client; empty = unknown
};

struct readiness_check {
    enum class state {
        ok,
        degraded,
        failed
    }; // degraded is told and harms nobody: the gateway serves what it knows

    std::string name{};
    state is = state::ok;
    std::string detail{};
};

struct version_info {
    std::string version{};
    std::string revision{};
    std::string compiler{};
    std::vector<std::pair<std::string, std::string>> libraries{}; // {"boost", "1.81.0"}
};

// Something that happened, for GET /api/v1/events.
struct event {
    std::string name{}; // "weights", "reload", "kill", …; no line breaks
    boost::json::object data{};
};

class control {
public:
    virtual ~control() = default;

    virtual std::vector<route_view> routes() = 0; // by name
    virtual std::optional<route_view> route(std::string_view name) = 0;

    virtual void put_weights(weights_request wish, reply<weights_change> done) = 0;
    virtual void delete_weights(clear_request wish, reply<weights_change> done) = 0;
    // By namespace/name; unknown_ingress() or not_a_canary() where it gives no route a track.
    virtual answer<ingress_view> ingress(std::string_view name) = 0;
    // All its routes, or none.
    virtual void set_ingress_weight(ingress_weight_request wish, reply<ingress_change> done) = 0;
    virtual void kill(kill_request wish, reply<kill_change> done) = 0;
    virtual void unkill(kill_request wish, reply<kill_change> done) = 0;
    // bad_configuration() where the new one was refused; the old one then stays.
    virtual void reload(actor by, reply<reload_report> done) = 0;
    virtual void explain(explain_request request, reply<boost::json::object> done) = 0;

    virtual std::vector<readiness_check> readiness() = 0;
    virtual version_info version() = 0;
    // Prometheus text format 0.0.4.
    virtual void metrics(std::function<void(std::string)> done) = 0;

    // Exchanges as they end, as the wish has it, until the returned handle goes.
    virtual std::shared_ptr<void>
    tap(observe::tap_wish wish, std::function<void(const observe::tap_batch&)> hear) = 0;
    // The listener is called for every event until the returned handle goes.
    virtual std::shared_ptr<void> subscribe(std::function<void(const event&)> listener) = 0;
};

} // namespace adit::admin
