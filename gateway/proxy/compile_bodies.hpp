// From a route's wish to what the request path needs of it: bodies, and services asked besides its tracks.
#pragma once

#include "proxy/snapshot.hpp"

namespace adit::proxy {

// Control thread. `into.wish` is set.
void compile_bodies(compiled_route& into);

} // namespace adit::proxy
