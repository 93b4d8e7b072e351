// Who of all endpoints is fit for requests: judges what the workers' exchanges and the active checks tell.
#pragma once

#include "core/random.hpp"
#include "model/route.hpp"
#include "observe/track_health.hpp"
#include "upstream/outlier.hpp"
#include "upstream/probe.hpp"
#include "upstream/roster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::upstream {

// Something that operators should hear of.
struct health_change {
    enum class kind { ejected, returned, unhealthy, healthy };

    kind what = kind::ejected;
    std::string route, track, endpoint;
    std::string cause;                  // "5xx", "connect"; of unhealthy: what the check said
    std::chrono::milliseconds lasts{0}; // of an ejection
    std::uint32_t row = 0;              // which one in a row
};
std::string_view to_text(health_change::kind what) noexcept;

// Control thread only.
class health {
public:
    // `changed(route, track)`: an endpoint of it has become fit, or unfit; the workers are to be told.
    health(
        boost::asio::io_context& context, roster& of,
        std::function<void(const std::string&, const std::string&)> changed,
        std::function<void(const health_change&)> told
    );

    // The wishes of all routes from now on; the roster has their endpoints. Called after each change of
    // either.
    void follow(const std::vector<model::route>& routes);
    // For the workers.
    void failing(const endpoint_state& one, outcome what);

    // "usable", "ejected", "unhealthy", "draining", "unready"; empty when there is no such endpoint.
    std::string_view
    state_of(std::string_view route, std::string_view track, const roster::address& one) const;
    // nullopt where there is no such track.
    std::optional<observe::track_health> summary(std::string_view route, std::string_view track) const;

private:
    using names = std::pair<std::string, std::string>;
    struct record {
        std::shared_ptr<endpoint_state> state;
        names track;
        model::health wish;
        outlier passive;
        rise_fall active;
        std::unique_ptr<probe> check;
    };

    void follow_one(record& one, const endpoint_entry& entry, const model::health& wish);
    void checked(const endpoint_state* which, const std::string& problem);
    void settle(record& one);
    void return_some();
    void await_return();
    crowd crowd_of(const names& track) const;
    void tell(health_change::kind what, const record& one, std::string cause);

    boost::asio::io_context& context_;
    roster& roster_;
    std::function<void(const std::string&, const std::string&)> changed_;
    std::function<void(const health_change&)> told_;
    boost::asio::steady_timer return_timer_;
    random_source random_;
    std::map<const endpoint_state*, record> records_;
    std::map<names, observe::track_health> counted_; // what only grows
};

} // namespace adit::upstream
