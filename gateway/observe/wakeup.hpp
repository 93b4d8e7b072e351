// Wakes one thread that waits for work, from any other.
#pragma once

#include <chrono>

namespace adit::observe {

class wakeup {
public:
    // Throws std::system_error.
    wakeup();
    ~wakeup();
    wakeup(const wakeup&) = delete;
    wakeup& operator=(const wakeup&) = delete;

    // Any thread; one system call that never blocks.
    void wake() noexcept;
    // The waiting thread: until woken, or for so long. What came before it began counts.
    void wait(std::chrono::milliseconds at_most) noexcept;

private:
    int descriptor_; // eventfd(2)
};

} // namespace adit::observe
