// tracing → model.
#pragma once

#include "model/tracing.hpp"
#include "source/file/value.hpp"

namespace adit::source {

model::tracing read_tracing(const value& from);

} // namespace adit::source
