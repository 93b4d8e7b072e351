// `access_log` → model::access_log.
#pragma once

#include "model/access_log.hpp"
#include "source/file/value.hpp"

namespace adit::source {

// The file is named as seen from the folder of the file that is read; it is not opened here.
model::access_log read_access_log(const value& from);

} // namespace adit::source
