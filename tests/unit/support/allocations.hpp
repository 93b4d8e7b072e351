// Counts what `operator new` hands out. Include it in exactly one source file of a test program.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace adit::tests {

inline thread_local std::uint64_t allocations = 0; // of this thread since it began

} // namespace adit::tests

// clang 14 links the thread sanitizer's operators as a whole, and none may stand beside them: there nothing
// is counted.
#if !defined(__has_feature)
#define ADIT_COUNTS_ALLOCATIONS 1
#elif !__has_feature(thread_sanitizer)
#define ADIT_COUNTS_ALLOCATIONS 1
#endif

#ifdef ADIT_COUNTS_ALLOCATIONS

// gcc takes the pair below for a mismatch once it has inlined one half of it.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

void* operator new(std::size_t size) {
    ++adit::tests::allocations;
    if (void* block = std::malloc(size ? size : 1)) return block;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++adit::tests::allocations;
    void* block = nullptr;
    const auto wanted = std::max(static_cast<std::size_t>(alignment), sizeof(void*));
    if (posix_memalign(&block, wanted, size) != 0) throw std::bad_alloc();
    return block;
}
// A sanitizer brings its own of these, which do not call the one above.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++adit::tests::allocations;
    return std::malloc(size ? size : 1);
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& none) noexcept {
    return operator new(size, none);
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    std::free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
    std::free(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
    std::free(block);
}
void operator delete[](void* block) noexcept {
    std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
    std::free(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
    std::free(block);
}

#endif
