// What the admin API sees of a running daemon.
#pragma once

#include "admin/control.hpp"
#include "cli/daemon.hpp"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace adit::cli {

// Control thread only; lives as long as the daemon's server.
class control_port final : public admin::control {
public:
    explicit control_port(daemon& owner) : daemon_(owner) {}
    ~control_port() override { scribe_.join(); }

    std::vector<admin::route_view> routes() override;
    std::optional<admin::route_view> route(std::string_view name) override;
    void put_weights(admin::weights_request wish, admin::reply<admin::weights_change> done) override;
    void delete_weights(admin::clear_request wish, admin::reply<admin::weights_change> done) override;
    admin::answer<admin::ingress_view> ingress(std::string_view name) override;
    void
    set_ingress_weight(admin::ingress_weight_request wish, admin::reply<admin::ingress_change> done) override;
    void kill(admin::kill_request wish, admin::reply<admin::kill_change> done) override;
    void unkill(admin::kill_request wish, admin::reply<admin::kill_change> done) override;
    void reload(admin::actor by, admin::reply<admin::reload_report> done) override;
    void explain(admin::explain_request request, admin::reply<boost::json::object> done) override;
    std::vector<admin::readiness_check> readiness() override;
    admin::version_info version() override;
    void metrics(std::function<void(std::string)> done) override;
    std::shared_ptr<void>
    tap(observe::tap_wish wish, std::function<void(const observe::tap_batch&)> hear) override;
    std::shared_ptr<void> subscribe(std::function<void(const admin::event&)> listener) override;

    // To everybody who has subscribed.
    void tell(const admin::event& what);

private:
    canary::authority& authority() { return daemon_.site().authority(); }
    admin::problem
    to_problem(const canary::outcome& outcome, const std::string& route, const canary::weight_map& wanted);
    admin::track_view view_of(
        const model::route& route, const model::track& track, const canary::effective_weights& weights,
        double effective
    ) const;
    std::vector<std::string> route_names() const;
    std::optional<admin::problem>
    check_match(const std::string& route, const std::optional<std::vector<std::uint64_t>>& if_match);
    // Posts the changes to the workers, keeps them, and replies.
    void put_in_force(
        const canary::outcome& outcome, admin::route_view before, std::string by,
        admin::reply<admin::weights_change> done
    );
    // Tracks that a canary Ingress, by namespace/name, gives to routes of others.
    std::vector<canary::route_track> tracks_of(std::string_view ingress) const;
    admin::ingress_view view_of(std::string_view ingress, const std::vector<canary::route_track>& tracks);
    admin::problem no_canary(std::string_view ingress) const;
    // `routes`: those that change, as they were.
    void put_in_force(
        const canary::outcome& outcome, admin::ingress_view before, std::vector<admin::route_view> routes,
        std::string by, admin::reply<admin::ingress_change> done
    );
    void switch_kill(
        admin::kill_request wish, std::vector<std::string> before, const canary::outcome& outcome,
        bool killed, admin::reply<admin::kill_change> done
    );
    std::vector<std::string> killed_routes();
    void
    go_on_scraping(std::shared_ptr<observe::exposition::scrape> sums, std::function<void(std::string)> done);

    daemon& daemon_;
    boost::asio::thread_pool scribe_{1};
    std::uint64_t next_listener_ = 0;
    std::map<std::uint64_t, std::function<void(const admin::event&)>> listeners_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace adit::cli
