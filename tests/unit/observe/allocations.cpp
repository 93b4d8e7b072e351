// A source of its own: where g++ sees both a replaced operator delete and a caller it takes them for a
// mismatch.
#include "unit/observe/allocations.hpp"

#include "unit/support/allocations.hpp"

namespace adit {

std::size_t allocations() noexcept {
    return tests::allocations;
}

} // namespace adit
