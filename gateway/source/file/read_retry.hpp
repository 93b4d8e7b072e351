// Retries and trailers of a route.
#pragma once

#include "model/retry.hpp"
#include "source/file/value.hpp"

namespace adit::source {

model::retry read_retry(const value& from);
model::trailers read_trailers(const value& from);

} // namespace adit::source
