// One item of `routes` → model::route.
#pragma once

#include "model/route.hpp"
#include "source/file/value.hpp"

namespace adit::source {

// What cannot be read is complained of and keeps its default.
model::route read_route(const value& from);
model::colour read_colour(const value& from);

} // namespace adit::source
