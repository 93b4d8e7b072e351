#include "observe/access_line.hpp"

namespace adit::observe {

void write_access_line(
    std::string& out, const exchange_record& one, const record_clock& clock, model::access_log::layout as,
    const model::access_log::parts& with
) {
    using layout = model::access_log::layout;
    switch (as) {
    case layout::json: return write_json_line(out, one, clock, with);
    case layout::ecs: return write_ecs_line(out, one, clock, with);
    case layout::combined: return write_combined_line(out, one, clock, with);
    }
}

} // namespace adit::observe
