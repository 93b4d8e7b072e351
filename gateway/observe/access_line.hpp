// A record as a line of the access log. Pure: record and time in, text out; any thread.
#pragma once

#include "model/access_log.hpp"
#include "observe/exchange_record.hpp"
#include "observe/record_clock.hpp"

#include <string>

namespace adit::observe {

// Appends one line with its end. Whatever a client sent, it stays one line: JSON escapes control characters
// and replaces what is no UTF-8, combined writes \xHH as nginx does. A text that was cut ends in "…", in
// combined "...".
void write_access_line(
    std::string& out, const exchange_record& one, const record_clock& clock, model::access_log::layout as,
    const model::access_log::parts& with
);

// The object of the layout json alone, without the end of the line.
void write_record_json(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
);

// One line each.
void write_json_line(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
);
void write_ecs_line(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
);
void write_combined_line(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
);

} // namespace adit::observe
