// The parts of validate() that look at how a route's endpoints are chosen and judged.
#pragma once

#include "model/balance.hpp"
#include "model/findings.hpp"
#include "model/health.hpp"

namespace adit::model {

void check_balance(const balance& wish, const findings& found);
void check_health(const health& wish, const findings& found);

} // namespace adit::model
