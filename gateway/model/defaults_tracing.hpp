// The part of defaults() that is about traces.
#pragma once

#include "model/defaults.hpp"

#include <vector>

namespace adit::model {

void add_tracing_defaults(std::vector<default_value>& out);

} // namespace adit::model
