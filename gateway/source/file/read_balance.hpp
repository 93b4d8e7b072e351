// `balance` and `health` of a route → model.
#pragma once

#include "model/balance.hpp"
#include "model/health.hpp"
#include "source/file/value.hpp"

namespace adit::source {

// What cannot be read is complained of and keeps its default.
model::balance read_balance(const value& from);
model::health read_health(const value& from);

} // namespace adit::source
