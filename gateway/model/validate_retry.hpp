// The part of validate() that looks at retries.
#pragma once

#include "model/findings.hpp"
#include "model/retry.hpp"

namespace adit::model {

void check_retry(const retry& wish, const findings& found);

} // namespace adit::model
