// What a request would meet on its way, told by the code that requests meet: scanner, checks, matcher,
// chooser.
#pragma once

#include "admin/control.hpp"
#include "canary/choose.hpp"
#include "http/scanner.hpp"
#include "route/table.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace adit::cli {

// What the story is told of. Everything pointed at lives as long as the call.
struct explain_view {
    const route::table* table = nullptr;
    std::function<const canary::chooser*(std::uint32_t slot)> chooser;
    std::function<const canary::cuts*(std::uint32_t slot)> cuts;
    http::head_limits limits{};
    std::uint64_t body_limit = 0;   // 0 = unbounded
    std::vector<ip_prefix> trusted; // peers whose X-Forwarded-For is believed
    bool underscore_fields = false; // fields with '_' in their name are seen
    // Whose weights are in force, in words, where they are not the declared ones; null = they all are.
    std::function<std::string(std::uint32_t slot)> overruled{};
};

// Members: "request" (as read), then "refusal" where it would be refused or "answered" where the gateway
// would answer by itself; "route" and "track" as far as the request gets, with the Ingress, rule
// and path that the former is of and the annotations that decided the latter; "summary", the last line of
// to_text(). Dice are thrown from `random`. Endpoints and what falls back when they are gone are not told.
boost::json::object
tell(const explain_view& view, const admin::explain_request& request, random_source& random);
// With dice of its own.
boost::json::object tell(const explain_view& view, const admin::explain_request& request);

// The same for people: one line a rule, the summary last; ends with a line break. Members that are missing or
// of another kind, as of another version's answer, are left out.
std::string to_text(const boost::json::object& story);

} // namespace adit::cli
