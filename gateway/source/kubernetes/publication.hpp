// What status.loadBalancer of our Ingresses is to say, and where it says something else.
#pragma once

#include "source/cluster/state.hpp"
#include "source/ingress/options.hpp"

#include <map>
#include <string>
#include <vector>

namespace adit::source::kubernetes {

struct publish_options {
    bool update = true;                 // --update-status
    std::vector<std::string> addresses; // --publish-status-address: IP addresses or names
    std::string service; // --publish-service: namespace/name; counts where there are no addresses
    std::string election_id = "ingress-controller-leader";

    bool wanted() const noexcept { return update && (!addresses.empty() || !service.empty()); }
    // Never the Lease of ingress-nginx itself, which may run beside.
    std::string lease() const { return election_id + "-adit"; }
};

// Sorted, without doubles. Of a Service as ingress-nginx has it: what it is balanced at and its external
// addresses; of one without a balancer these, else its own.
std::vector<std::string> addresses_to_publish(const publish_options& by, const cluster::state& from);

// A write that is wanted.
struct status_patch {
    std::string target; // of the API, after the server's own path
    std::string body;   // JSON merge patch (RFC 7396)
    std::string key;    // of the Ingress
};

// The Ingresses that are served here but do not say so.
std::vector<status_patch> wanted_patches(
    const std::vector<std::string>& addresses, const cluster::state& from, const ingress::options& by
);

} // namespace adit::source::kubernetes
