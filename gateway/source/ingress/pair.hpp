// Which canaries belong to which location.
#pragma once

#include "source/ingress/options.hpp"
#include "source/ingress/servers.hpp"

#include <vector>

namespace adit::source::ingress {

// Servers of all ordinary Ingresses in `all`, with the canaries of the others. In strict mode as
// ingress-nginx does it, upstream by upstream; else each path by itself, with a warning where that differs.
servers pair_all(const std::vector<item>& all, const options& by, complaints& out);

} // namespace adit::source::ingress
