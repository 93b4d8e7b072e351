// What a route does with bodies, and the services that it asks besides its tracks → model.
#pragma once

#include "model/compression.hpp"
#include "model/error_pages.hpp"
#include "model/external_auth.hpp"
#include "model/route.hpp"
#include "source/file/value.hpp"

namespace adit::source {

void read_body(const value& from, model::route& into);
model::compression read_compression(const value& from);
model::external_auth read_external_auth(const value& from);
// Loads the files that pages are in.
model::error_pages read_error_pages(const value& from);

} // namespace adit::source
