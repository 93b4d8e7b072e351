// Which Ingresses are ours, and in which order they count.
#pragma once

#include "source/cluster/state.hpp"
#include "source/ingress/options.hpp"

#include <vector>

namespace adit::source::ingress {

// The oldest first; of equal age the one whose namespace/name is greater, as ingress-nginx sorts them. Warns
// of those that name a class nobody knows.
std::vector<cluster::ref<cluster::ingress>>
select(const cluster::state& from, const options& by, complaints& out);

} // namespace adit::source::ingress
