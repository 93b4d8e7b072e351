// Where a port of a Service leads now.
#pragma once

#include "model/endpoint.hpp"
#include "source/cluster/view.hpp"
#include "source/ingress/options.hpp"
#include "source/ingress/servers.hpp"

#include <vector>

namespace adit::source::ingress {

// Ready endpoints; and, but for strict mode, those that still serve while they terminate, marked so. Empty
// where the Service or its port is not there. EndpointSlices count; Endpoints where a Service has no slice.
std::vector<model::endpoint>
endpoints_of(const cluster::view& from, const service_ref& to, bool by_service_address, const options& by);

} // namespace adit::source::ingress
