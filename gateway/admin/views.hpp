// How the API shows the gateway's state, its changes and its complaints as JSON.
#pragma once

#include "admin/control.hpp"
#include "upstream/health.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <vector>

namespace adit::admin {

boost::json::object to_json(const route_view& route);
boost::json::object to_json(const problem& what);
boost::json::object to_json(const complaint& one);
boost::json::array to_json(const complaints& list);
boost::json::object to_json(const version_info& version);

// {"stable": 87.5, "canary": 12.5}: what the tracks of a route get.
boost::json::object weights_json(const route_view& route);
// The route as it is now, with "before" and "after" weights.
boost::json::object to_json(const weights_change& change);
boost::json::object to_json(const kill_change& change);
// "weight" is the one that all its tracks get, null where they differ.
boost::json::object to_json(const ingress_view& ingress);
boost::json::object to_json(const ingress_change& change);
boost::json::value weight_json(const ingress_view& ingress);
boost::json::object to_json(const reload_report& report);

// The events that a control tells when weights, switches or the configuration have changed, so that they look
// the same as the API's answers.
event weights_event(const weights_change& change, std::string_view by);
event kill_event(const kill_change& change, bool killed, std::string_view reason, std::string_view by);
event reload_event(const reload_report& report, std::string_view by);
event endpoint_event(const upstream::health_change& change);
event reload_failed_event(const complaints& list, std::string_view by);

// The lines of /readyz?verbose and whether the gateway is ready. Checks named in `excluded` are told and do
// not count.
struct readiness_text {
    bool ready = true;
    std::string text;
};
readiness_text
tell_readiness(const std::vector<readiness_check>& checks, const std::vector<std::string>& excluded);

} // namespace adit::admin
