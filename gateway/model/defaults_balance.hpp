// The parts of defaults() that are about choosing endpoints and their health.
#pragma once

#include "model/defaults.hpp"

#include <vector>

namespace adit::model {

void add_balance(std::vector<default_value>& out);
void add_health(std::vector<default_value>& out);

} // namespace adit::model
