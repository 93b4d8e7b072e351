// Complaints as lines of the log.
#pragma once

#include "core/complaint.hpp"
#include "core/log.hpp"

namespace adit::cli {

inline void log_complaints(const complaints& list) {
    for (const auto& one : list) {
        if (one.level == complaint::severity::error)
            log_error(to_text(one));
        else
            log_warning(to_text(one));
    }
}

} // namespace adit::cli
