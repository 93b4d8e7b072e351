// How each track's endpoints are spoken to over TLS: wishes and files → what connections are made with.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "net/tls_target.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>

namespace adit::cli {

// Control thread only.
class upstream_targets {
public:
    // What cannot be read is complained of, and then there is nothing for that track.
    static upstream_targets load(const model::gateway& wish, complaints& out);

    // Null where the endpoint is spoken to in clear.
    std::shared_ptr<const net::tls_target>
    find(const model::route& route, const model::track& track, const model::endpoint& one) const;
    // Of traces, likewise.
    const std::shared_ptr<const net::tls_target>& collector() const noexcept { return collector_; }
    bool empty() const noexcept { return known_.empty(); }

private:
    class loading;
    using key = std::tuple<std::string, std::string, std::string>; // route, track, host

    std::map<key, std::shared_ptr<const net::tls_target>> known_;
    std::shared_ptr<const net::tls_target> collector_;
};

} // namespace adit::cli
