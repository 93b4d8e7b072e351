#include "model/buffering.hpp"
#include "model/units.hpp"
#include "model/validate_bodies.hpp"

namespace adit::model {

namespace {

constexpr std::uint64_t most = 256ULL * 1024 * 1024; // bytes: every such request may hold as much memory

} // namespace

void check_buffering(const buffering& wish, const findings& found) {
    if (wish.request_limit == 0 || wish.request_limit > most)
        found.under("buffer_limit")
            .error(size_to_text(wish.request_limit) + " is out of range", "from 1B to " + size_to_text(most));
}

} // namespace adit::model
