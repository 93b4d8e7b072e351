// What one Ingress asks for by its annotations, read once and shared by its routes.
#pragma once

#include "model/gateway.hpp"
#include "source/cluster/state.hpp"
#include "source/ingress/canary.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace adit::source::ingress {

struct wishes {
    canary_wish canary;
    bool service_upstream = false; // the Service's own address in the place of its endpoints

    // Of hosts.
    std::vector<std::string> aliases;
    bool from_to_www = false;
    std::optional<model::client_certificates> clients; // without their hosts

    // Of paths.
    bool use_regex = false;
    std::string rewrite_target, forwarded_prefix;
    std::string app_root;

    std::optional<model::sticky> sticky; // its path is empty where the route's counts
    bool ssl_redirect = true, force_ssl_redirect = false;
    bool secure_upstream = false; // backend-protocol HTTPS
    std::optional<model::upstream_tls> upstream_tls;
    std::string default_backend; // a Service of the same namespace
    std::vector<std::uint16_t>
        custom_errors; // answers of these statuses are replaced by the default backend's

    // Everything else that all its routes have in common.
    model::route common;
};

// An Ingress that is ours, with what it asks for.
struct item {
    cluster::ref<cluster::ingress> object;
    std::shared_ptr<const wishes> wants;

    const cluster::metadata& meta() const noexcept { return object->meta; }
    bool is_canary() const noexcept { return wants->canary.enabled; }
};

} // namespace adit::source::ingress
