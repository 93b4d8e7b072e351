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
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

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
    // `changed`: an endpoint of that seat has become fit, or unfit; the workers are to be told.
    health(
        boost::asio::io_context& context, roster& of, std::function<void(const roster::key&)> changed,
        std::function<void(const health_change&)> told
    );

    // The wish for a seat from now on; the roster has its endpoints, or has it no more. Called after each
    // change of either.
    void follow(const roster::key& at, const model::health& wish);
    // Whether endpoints need states for it.
    static bool records(const model::health& wish) noexcept { return wish.passive || wish.active; }
    // For the workers.
    void failing(const endpoint_state& one, outcome what);

    // "usable", "ejected", "unhealthy", "draining", "unready"; empty when there is no such endpoint.
    std::string_view state_of(const roster::key& at, const roster::address& one) const;
    // nullopt where there is no such seat.
    std::optional<observe::track_health> summary(const roster::key& at) const;

private:
    struct record {
        std::shared_ptr<endpoint_state> state;
        outlier passive;
        rise_fall active;
        std::unique_ptr<probe> check;
    };
    // What is known of a seat's endpoints; only where there is a wish.
    struct ward {
        model::health wish;
        observe::track_health counted; // what only grows
        std::map<const endpoint_state*, record> records;
    };
    using wards = std::map<roster::key, ward>;
    struct found {
        wards::value_type* ward = nullptr;
        record* one = nullptr;
    };

    found find(const endpoint_state* one);
    void follow_one(wards::value_type& in, record& one, const endpoint_entry& entry);
    void checked(const endpoint_state* which, const std::string& problem);
    void settle(const roster::key& at, record& one);
    void return_some();
    void await_return();
    crowd crowd_of(const wards::value_type& in) const;
    void tell(health_change::kind what, const roster::key& at, const record& one, std::string cause);

    boost::asio::io_context& context_;
    roster& roster_;
    std::function<void(const roster::key&)> changed_;
    std::function<void(const health_change&)> told_;
    boost::asio::steady_timer return_timer_;
    random_source random_;
    wards wards_;
    std::unordered_map<const endpoint_state*, wards::value_type*> homes_;
    std::set<const endpoint_state*> ejected_;
};

} // namespace adit::upstream
