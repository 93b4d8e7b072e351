// How each track's endpoints are spoken to over TLS: wishes and files → what connections are made with.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "net/tls_target.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace adit::cli {

// Control thread only.
class upstream_targets {
public:
    // What cannot be read is complained of, and then there is nothing for that track. `i` in the key of a
    // complaint, "routes[i]", is the place in `routes`.
    void add(std::span<const model::route> routes, complaints& out);
    void add(const std::optional<model::tracing>& tracing, complaints& out);
    // Those of one route.
    void remove(std::string_view route);
    // What `fresh` has; of its routes nothing else stays.
    void merge(const upstream_targets& fresh);
    // Of everything.
    static upstream_targets load(const model::gateway& wish, complaints& out);

    // Null where the endpoint is spoken to in clear.
    std::shared_ptr<const net::tls_target>
    find(const model::route& route, const model::track& track, const model::endpoint& one) const;
    // Of traces, likewise.
    const std::shared_ptr<const net::tls_target>& collector() const noexcept { return collector_; }
    bool empty() const noexcept { return known_.empty(); }

private:
    class loading;
    using key = std::pair<std::string, std::string>; // track, host

    std::map<std::string, std::map<key, std::shared_ptr<const net::tls_target>>, std::less<>>
        known_; // by route
    std::shared_ptr<const net::tls_target> collector_;
};

} // namespace adit::cli
