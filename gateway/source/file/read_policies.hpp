// The keys of a route and of a track that reshape or refuse requests.
#pragma once

#include "model/route.hpp"
#include "source/file/value.hpp"

namespace adit::source {

// Those that are written, over what `into` has.
void read_policies(const section& route, model::policies& into);
void read_track_headers(const section& track, model::track& into);

} // namespace adit::source
