// How often this thread has called operator new; all of the test program's are counted.
#pragma once

#include <cstddef>

namespace adit {

std::size_t allocations() noexcept;

} // namespace adit
