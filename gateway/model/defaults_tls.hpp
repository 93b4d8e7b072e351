// The part of defaults() that is about TLS.
#pragma once

#include "model/defaults.hpp"

#include <vector>

namespace adit::model {

void add_tls_defaults(std::vector<default_value>& out);
void add_upstream_tls_defaults(std::vector<default_value>& out); // of a track
void add_https_defaults(std::vector<default_value>& out);        // of a route

} // namespace adit::model
