// The parts of validate() that look at TLS. What the files hold is looked at when they are loaded.
#pragma once

#include "model/findings.hpp"
#include "model/gateway.hpp"

namespace adit::model {

void check_tls(const gateway& wish, const findings& found);               // `tls`, and who uses it
void check_upstream_tls(const upstream_tls& wish, const findings& found); // of a track
void check_https(const https& wish, const findings& found);               // of a route

} // namespace adit::model
