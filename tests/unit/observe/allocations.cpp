// A source of its own: where g++ sees both a replaced operator delete and a caller it takes them for a
// mismatch.
#include "unit/observe/allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {
thread_local std::size_t count = 0;

void* take(std::size_t size, std::size_t alignment) {
    ++count;
    void* out = nullptr;
    if (posix_memalign(&out, std::max(alignment, sizeof(void*)), size) != 0) throw std::bad_alloc();
    return out;
}
} // namespace

void* operator new(std::size_t size) {
    return take(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* pointer) noexcept {
    std::free(pointer);
}
void operator delete(void* pointer, std::size_t) noexcept {
    std::free(pointer);
}
void operator delete(void* pointer, std::align_val_t) noexcept {
    std::free(pointer);
}
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept {
    std::free(pointer);
}

namespace adit {

std::size_t allocations() noexcept {
    return count;
}

} // namespace adit
