// For pair.cpp.
#pragma once

#include "source/ingress/servers.hpp"

#include <vector>

namespace adit::source::ingress {

servers pair_strict(const std::vector<item>& all, complaints& out);

} // namespace adit::source::ingress
