// The metric families of TLS.
#pragma once

#include "observe/families.hpp"

namespace adit::observe {

// Handshakes of all workers, and when certificates expire. Series of what never happened are left out.
void show_tls(std::span<worker_counters* const> workers, const control_gauges& gauges, const visitor& visit);

} // namespace adit::observe
