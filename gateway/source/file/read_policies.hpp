// The keys of a route and of a track that reshape or refuse requests.
#pragma once

#include "model/route.hpp"
#include "source/file/value.hpp"

namespace adit::source {

model::policies read_policies(const section& route);
void read_track_headers(const section& track, model::track& into);

} // namespace adit::source
