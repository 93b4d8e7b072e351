// Metrics of a running gateway, as `adit top` needs them, out of the Prometheus
// text format.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::cli {

// What a track has counted since it began.
struct track_figures {
    double requests = 0;
    double server_errors = 0; // 5xx
    double client_errors = 0; // 4xx
    double in_flight = 0;
    double pending = 0;
    double retries = 0;
    double weight = -1;                               // 0 to 1; below 0: unknown
    std::vector<std::pair<double, double>> durations; // upper bound in seconds, exchanges up to it
};

// By route and track.
using figures = std::map<std::pair<std::string, std::string>, track_figures>;

// Lines that are no metric of a track are left out.
figures read_figures(std::string_view text);

} // namespace adit::cli
