// The times of a configuration file.
#pragma once

#include "model/timeouts.hpp"
#include "source/file/value.hpp"

namespace adit::source {

void read_timeouts(const value& from, model::timeouts& into);
model::route_timeouts read_route_timeouts(const value& from);

} // namespace adit::source
