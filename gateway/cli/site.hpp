// The one road on which wishes reach the workers: declared configuration, overrides and the kill switch in;
// compiled snapshots, cut points and endpoints out.
#pragma once

#include "canary/authority.hpp"
#include "cli/tracing.hpp"
#include "cli/upstream_targets.hpp"
#include "model/gateway.hpp"
#include "observe/exposition.hpp"
#include "observe/labels.hpp"
#include "policy/route_policy.hpp"
#include "proxy/fleet.hpp"
#include "upstream/health.hpp"
#include "upstream/resolver.hpp"
#include "upstream/roster.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace adit::cli {

// Control thread only.
class site {
public:
    // `descriptor_ceiling`: see fleet. `tls_asked`: somebody listens for TLS whatever the wishes say.
    site(
        boost::asio::io_context& control, unsigned workers, int descriptor_ceiling,
        std::shared_ptr<const canary::cookie_keys> keys, std::shared_ptr<const net::tls_tickets> tickets,
        bool tls_asked
    );
    ~site();

    // Compiles the whole wish. With errors nothing changes and `done` is not called; otherwise `done` when
    // every worker runs on it.
    complaints apply(model::gateway wish, std::function<void()> done = {});

    // Reads the files of certificates again. With errors nothing changes; connections that are open never
    // notice.
    complaints renew_certificates();
    // For handshakes from the next renew_certificates() or apply() on.
    void tickets(std::shared_ptr<const net::tls_tickets> keys) noexcept { tickets_ = std::move(keys); }

    // Cut points that authority() has changed; `done` when every worker draws with them.
    void apply(const std::vector<canary::cuts_change>& changes, std::function<void()> done = {});

    canary::authority& authority() noexcept { return authority_; }
    proxy::fleet& fleet() noexcept { return fleet_; }
    upstream::resolver& resolver() noexcept { return resolver_; }
    observe::control_gauges& gauges() noexcept { return gauges_; }
    cli::tracing& tracing() noexcept { return tracing_; }
    const observe::exposition& exposition() const noexcept { return exposition_; }
    // The health of the tracks of so many slots, for the exposition to tell.
    void show_health(std::uint32_t slot, std::uint32_t count);

    // What is in force; null before the first apply().
    const proxy::snapshot* current() const noexcept { return current_.get(); }
    const model::gateway& wish() const noexcept { return wish_; }
    const std::map<std::string, std::uint32_t, std::less<>>& slots() const noexcept { return slots_; }
    std::shared_ptr<const model::route> route(std::string_view name) const;
    // Addresses of one endpoint as written; empty while its name is unknown.
    std::vector<net::tcp::endpoint> addresses(const model::endpoint& one) const;
    const upstream::health& health() const noexcept { return health_; }
    // Called for each endpoint that is ejected, comes back, fails its checks or passes them again.
    std::function<void(const upstream::health_change&)> on_health;

private:
    struct assigned;

    std::vector<std::shared_ptr<const proxy::compiled_route>>
    compile_routes(const model::gateway& wish, complaints& found, std::vector<assigned>& slots);
    void assign_slots(std::vector<assigned>& routes);
    void forget(const std::vector<std::uint32_t>& slots);
    std::shared_ptr<const net::tls_store> make_tls(const model::gateway& wish, complaints& found);
    void add_secure_tracks(proxy::update& change);
    void show_certificates(const net::tls_store& store);
    void add_services(proxy::update& to, std::string_view name) const;
    void watch_names();
    void name_changed(const std::string& name);
    using target_finder = std::function<std::shared_ptr<const net::tls_target>(const model::endpoint&)>;
    proxy::endpoint_list
    list_of(const std::vector<model::endpoint>& wished, const target_finder& target_of) const;
    proxy::update::track_endpoints
    endpoints_of(std::uint32_t slot, const model::route& route, std::size_t track);
    void trim_roster();
    void health_changed(const std::string& route, const std::string& track);
    void label(std::string_view route, const canary::cuts& cuts);

    std::shared_ptr<const canary::cookie_keys> keys_;
    std::shared_ptr<const net::tls_tickets> tickets_;
    std::shared_ptr<const net::tls_certificate> self_signed_; // made when it is first needed
    const bool tls_asked_;
    upstream_targets targets_;
    policy::resources shared_;
    std::shared_ptr<proxy::password_checker> passwords_; // null until a route asks for passwords
    observe::control_gauges gauges_;
    cli::tracing tracing_; // outlives the workers
    proxy::fleet fleet_;
    observe::labels labels_;
    observe::exposition exposition_;
    canary::authority authority_;
    upstream::resolver resolver_;
    upstream::roster roster_;
    upstream::health health_;
    model::gateway wish_;
    std::shared_ptr<const proxy::snapshot> current_;
    std::map<std::string, std::uint32_t, std::less<>> slots_; // by route name
    std::vector<std::uint32_t> slot_users_;                   // snapshots that know the slot
    // Snapshots that outlive the site find this gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace adit::cli
