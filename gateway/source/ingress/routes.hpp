// Servers → routes.
#pragma once

#include "model/gateway.hpp"
#include "source/cluster/view.hpp"
#include "source/ingress/options.hpp"
#include "source/ingress/servers.hpp"
#include "source/ingress/settings.hpp"

#include <set>
#include <string>
#include <vector>

namespace adit::source::ingress {

struct route_context {
    const cluster::view& objects;
    const options& by;
    const settings& base;
    const std::set<std::string>& hosts_with_tls;
    complaints& out;
};

// The routes of one host. Each has passed validate() by itself; what did not is complained of and left out.
void add_routes(
    const std::string& host, const server& of, const route_context& in, std::vector<model::route>& into
);

// Those that send www.shop.test to shop.test, or the other way round, where an Ingress asks for it.
void add_www_redirects(const servers& all, const route_context& in, std::vector<model::route>& into);

// What answers for paths of these hosts that nobody has, where --default-backend-service names it; and with
// `rest` for all other hosts.
void add_default_backend(
    const servers& all, bool rest, const route_context& in, std::vector<model::route>& into
);
// Warns where it cannot.
void check_default_backend(const cluster::view& objects, const options& by, complaints& out);

// What ingress-nginx writes behind the '|' of a session cookie: md5hex(md5hex(name) + name).
std::string backend_key(std::string_view upstream_name);

} // namespace adit::source::ingress
