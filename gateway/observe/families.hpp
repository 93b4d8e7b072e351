// The metric families that Adit tells: names, help texts and labels in one place.
#pragma once

#include "observe/labels.hpp"
#include "observe/totals.hpp"
#include "observe/worker_counters.hpp"

#include <prometheus/metric_family.h>

#include <functional>
#include <span>
#include <string>

namespace adit::observe {

using visitor = std::function<void(prometheus::MetricFamily)>;

// One series for each route and track that some worker has carried, and the weights of all.
void show_tracks(const totals& all, const visitor& visit);
// Connections, pools, refusals. A reason without a name is not shown.
void show_workers(
    std::span<worker_counters* const> workers, std::span<const std::string> refusal_names,
    const visitor& visit
);
void show_control(const control_gauges& gauges, const visitor& visit);
void show_process(const control_gauges& gauges, const visitor& visit);

} // namespace adit::observe
