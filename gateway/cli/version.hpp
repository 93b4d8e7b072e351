// What this build is.
#pragma once

#include "admin/control.hpp"

#include <string>

namespace adit::cli {

// Version, revision, compiler and the libraries it runs with.
admin::version_info this_build();
// The same for people; ends with a line break.
std::string version_text();

} // namespace adit::cli
