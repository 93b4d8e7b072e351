#include "upstream/endpoint.hpp"

namespace adit::upstream {

bool endpoint::take_place() noexcept {
    if (!plan_.limited() || !entry_.state) return true;
    if (plan_.max_in_flight != 0 && !entry_.state->take_place(plan_.max_in_flight)) return false;
    if (plan_.max_connections == 0 || home_.reserve()) return true;
    if (plan_.max_in_flight != 0) entry_.state->leave_place();
    return false;
}

} // namespace adit::upstream
