// The one road on which wishes reach the workers: declared configuration, overrides and the kill switch in;
// compiled snapshots, cut points and endpoints out.
#pragma once

#include "canary/authority.hpp"
#include "cli/tracing.hpp"
#include "cli/upstream_targets.hpp"
#include "model/gateway.hpp"
#include "model/route_group.hpp"
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
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace adit::cli {

// What is wished for now, as it differs from what was.
struct wish_change {
    // All but the routes, which are not looked at; null: as it is.
    std::shared_ptr<const model::gateway> frame;
    // A group that is in force and among both is compiled anew.
    model::group_changes groups;
    bool complete = true; // false: more is to come before anything is served
};

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

    // Compiles what changes. With errors nothing changes and `done` is not called; otherwise `done` when
    // every worker runs on it. The cost is that of the groups that change, unless all routes look different
    // in the new frame.
    complaints apply(wish_change change, std::function<void()> done = {});
    // A whole wish in the place of everything.
    complaints apply(model::gateway wish, std::function<void()> done = {});
    // What is in force, compiled again, since files that it names have changed.
    complaints reapply();

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
    // What is wished for, but for the routes: it has none.
    const model::gateway& frame() const noexcept { return *frame_; }
    void for_each_route(const std::function<void(const model::route&)>& visit) const; // in the order of names
    const std::map<std::string, std::uint32_t, std::less<>>& slots() const noexcept { return slots_; }
    std::shared_ptr<const model::route> route(std::string_view name) const;
    // Addresses of one endpoint as written; empty while its name is unknown.
    std::vector<net::tcp::endpoint> addresses(const model::endpoint& one) const;
    // As health::state_of().
    std::string_view
    state_of(const model::route& route, const model::track& track, const net::tcp::endpoint& one) const {
        return health_.state_of(upstream::roster::key_of(route, track), one);
    }
    // Called for each endpoint that is ejected, comes back, fails its checks or passes them again.
    std::function<void(const upstream::health_change&)> on_health;

private:
    struct draft;
    struct drafted_route;
    struct held_group {
        model::group_ref routes;
        route::table_part part;
        std::vector<std::uint32_t> slots; // of the routes, in their order
    };
    using target_finder = std::function<std::shared_ptr<const net::tls_target>(const model::endpoint&)>;

    void add_all_groups(model::group_changes& to) const;
    void check_count(const model::group_changes& groups, complaints& found) const;
    std::vector<draft> compile(const wish_change& change, const model::gateway& frame, complaints& found);
    void
    take_frame(std::shared_ptr<const model::gateway> frame, std::shared_ptr<const net::tls_target> collector);
    std::shared_ptr<proxy::snapshot> new_snapshot() const;
    // Slots that are free now.
    std::vector<std::uint32_t>
    assign_slots(std::vector<draft>& added, const std::vector<held_group>& removed, proxy::snapshot& into);
    void declare(const std::vector<draft>& added, const std::vector<held_group>& removed, bool complete);
    void put_in_force(draft& one, proxy::snapshot& into, proxy::update& change);
    std::shared_ptr<const proxy::compiled_route> finish(drafted_route from, std::uint32_t slot);
    void leave_slot(std::uint32_t slot);
    std::shared_ptr<const net::tls_store> make_tls(const model::gateway& wish, complaints& found);
    void show_certificates(const net::tls_store& store);
    void label(std::string_view route, const canary::cuts& cuts);

    // site_endpoints.cpp
    void add_secure_tracks(proxy::update& change);
    void add_services(proxy::update& to, const model::route& route, std::uint32_t slot) const;
    void count_names(const model::route_group& of, int by);
    void watch_names();
    void name_changed(const std::string& name);
    proxy::endpoint_list
    list_of(const std::vector<model::endpoint>& wished, const target_finder& target_of) const;
    void fill(const upstream::roster::key& at, const model::route& route, const model::track& track);
    void enter_seats(const held_group& added, proxy::update& change);
    void leave_seats(const held_group& removed);
    void health_changed(const upstream::roster::key& seat);
    static void tell(proxy::update& change, const upstream::roster::seat& seat);

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
    std::shared_ptr<const model::gateway> frame_ = std::make_shared<const model::gateway>();
    std::shared_ptr<const policy::error_pages> error_pages_; // of the frame
    std::shared_ptr<const proxy::trace_rules> trace_rules_;
    std::shared_ptr<const proxy::snapshot> current_;
    std::unordered_map<const model::route_group*, held_group> groups_;
    std::map<std::string, std::uint32_t, std::less<>> slots_; // by route name
    std::vector<std::uint32_t> slot_users_;                   // compiled routes that are still somewhere
    std::map<std::string, std::size_t> names_;                // of endpoints, with how often they are used
    bool names_changed_ = false;
    // Compiled routes that outlive the site find this gone.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace adit::cli
