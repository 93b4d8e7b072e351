// What is counted of the export of spans, as Prometheus families.
#pragma once

#include "observe/families.hpp"
#include "observe/span_ring.hpp"

namespace adit::observe {

void show_traces(const trace_counters& all, const span_rings& rings, const visitor& visit);

} // namespace adit::observe
