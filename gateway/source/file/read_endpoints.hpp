// The endpoints of a track → model::endpoint.
#pragma once

#include "model/route.hpp"
#include "source/file/value.hpp"

#include <vector>

namespace adit::source {

// Each is text, "host:port", or a map with `address` and what else is known of it. What cannot be read is
// complained of and left out.
std::vector<model::endpoint> read_endpoints(const value& from);

} // namespace adit::source
