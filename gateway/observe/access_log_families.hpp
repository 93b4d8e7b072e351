// The metric families of the access log and of those who watch exchanges live.
#pragma once

#include "observe/families.hpp"

namespace adit::observe {

// Nothing where no exchange was ever recorded.
void show_access_log(
    std::span<worker_counters* const> workers, const control_gauges& gauges, const visitor& visit
);

} // namespace adit::observe
