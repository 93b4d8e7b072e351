// `tls` → model::tls.
#pragma once

#include "model/tls.hpp"
#include "source/file/value.hpp"

namespace adit::source {

// Files are named as seen from the folder of the file that is read; they are not opened here.
model::tls read_tls(const value& from);
model::upstream_tls read_upstream_tls(const value& from); // of a track
model::https read_https(const value& from);               // of a route
model::document read_document(const value& from);

} // namespace adit::source
