// Defaults of `access_log`.
#pragma once

#include "model/defaults.hpp"

#include <vector>

namespace adit::model {

void add_access_log_defaults(std::vector<default_value>& out);

} // namespace adit::model
