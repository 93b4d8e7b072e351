// What tracks did between two looks at a gateway's metrics, and the table of
// it.
#pragma once

#include "cli/metrics_text.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <string>
#include <vector>

namespace adit::cli {

struct track_rates {
    std::string route, track;
    double requests = 0;            // a second
    double server_errors = 0;       // share of these, 0 to 1
    double client_errors = 0;       // likewise
    std::optional<double> p50, p99; // seconds; absent where nothing ended
    double in_flight = 0;
    double pending = 0;
    double retries = 0; // a second
    double weight = -1; // 0 to 1; below 0: unknown
};

// By route, stable first. Counters that have gone back, as after a restart,
// count from 0. `seconds` lie between the two.
std::vector<track_rates> rates_between(const figures& before, const figures& after, double seconds);

// The duration that a share of the exchanges did not exceed, as far as the
// buckets tell: within a bucket they are taken to lie evenly. Absent where
// there are none; what lies above all bounds is told as the last one.
std::optional<double> quantile(const std::vector<std::pair<double, double>>& buckets, double share);

// At most so many rows, the busiest; 0 = all.
std::string top_table(std::vector<track_rates> rows, std::size_t most = 0);
boost::json::array to_json(const std::vector<track_rates>& rows);

} // namespace adit::cli
