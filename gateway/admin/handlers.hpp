// One function a row of the table of endpoints. Each answers exactly once, now or when the control has
// replied.
#pragma once

#include "admin/call.hpp"
#include "admin/endpoints.hpp"

namespace adit::admin {

void get_livez(const desk& at, const call& what, const respond& done);
void get_readyz(const desk& at, const call& what, const respond& done);
void get_metrics(const desk& at, const call& what, const respond& done);
void get_version(const desk& at, const call& what, const respond& done);
void get_openapi(const desk& at, const call& what, const respond& done);
void get_routes(const desk& at, const call& what, const respond& done);
void get_route(const desk& at, const call& what, const respond& done);
void put_weights(const desk& at, const call& what, const respond& done);
void delete_weights(const desk& at, const call& what, const respond& done);
void get_ingress_weights(const desk& at, const call& what, const respond& done);
void put_ingress_weights(const desk& at, const call& what, const respond& done);
void delete_ingress_weights(const desk& at, const call& what, const respond& done);
void post_reload(const desk& at, const call& what, const respond& done);
void post_explain(const desk& at, const call& what, const respond& done);
void post_kill(const desk& at, const call& what, const respond& done);
void delete_kill(const desk& at, const call& what, const respond& done);

} // namespace adit::admin
