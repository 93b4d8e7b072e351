// The part of validate() that is about traces.
#pragma once

#include "model/findings.hpp"
#include "model/tracing.hpp"

namespace adit::model {

void check_tracing(const tracing& wish, const findings& found);

} // namespace adit::model
