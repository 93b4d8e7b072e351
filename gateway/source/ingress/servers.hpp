// Hosts and their paths, as ingress-nginx builds servers and locations of all ordinary Ingresses.
#pragma once

#include "source/ingress/wishes.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace adit::source::ingress {

// A port of a Service, as an Ingress names it.
struct service_ref {
    std::string name_space, service;
    cluster::port_ref port;

    // "shop-store-80": what ingress-nginx calls it, and hashes into cookies.
    std::string upstream_name() const { return name_space + '-' + service + '-' + port.text(); }
    std::string service_key() const { return name_space + '/' + service; }
    bool operator==(const service_ref&) const = default;
};

service_ref service_of(const item& of, const cluster::ingress_backend& backend);

// A canary that was paired with a location.
struct paired {
    const item* of = nullptr;
    const canary_wish* policy = nullptr; // of the object that made the upstream, in strict mode
    service_ref to;
};

inline constexpr std::size_t no_index = static_cast<std::size_t>(-1);

struct location {
    std::string path = "/";
    bool exact = false;
    const item* owner = nullptr;
    std::size_t rule = no_index, index = no_index; // in the owner's spec; no_index: its default backend
    bool is_default = false;                       // "/" that no path has claimed
    std::optional<service_ref> backend;            // nullopt: 404
    std::vector<paired> canaries;                  // the oldest first

    std::string route_name() const;
};

struct server {
    std::vector<std::string> aliases;
    std::vector<location> locations; // the first is "/"

    // Any path that is a regular expression, or is rewritten, makes all of them case-blind regular
    // expressions.
    bool is_regex() const;
};

// By host; "_" is for all hosts that have none of their own. Only what is served is there: the default
// location of
// "_" may have no owner.
using servers = std::map<std::string, server>;
inline constexpr std::string_view any_host = "_";

// `all` in the order of select(). `takes`: whether a path may be served by that Service; in strict mode a
// canary may own it.
servers build_servers(
    const std::vector<const item*>& ordinary, const std::function<bool(const service_ref&)>& takes,
    complaints& out
);

// Whether the path is rewritten or matched as a regular expression.
bool asks_for_regex(const location& one);

} // namespace adit::source::ingress
