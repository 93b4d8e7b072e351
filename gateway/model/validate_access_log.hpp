// The part of validate() that looks at `access_log`. Whether it can be written is found out when it is
// opened.
#pragma once

#include "model/access_log.hpp"
#include "model/findings.hpp"

namespace adit::model {

void check_access_log(const access_log& wish, const findings& found);

} // namespace adit::model
