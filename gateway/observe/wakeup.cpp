#include "observe/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace adit::observe {

wakeup::wakeup() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

wakeup::~wakeup() {
    ::close(descriptor_);
}

void wakeup::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto put = ::write(descriptor_, &one, sizeof one);
}

void wakeup::wait(std::chrono::milliseconds at_most) noexcept {
    pollfd watched{descriptor_, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(at_most.count())) <= 0) return;
    std::uint64_t woken = 0;
    [[maybe_unused]] const auto got = ::read(descriptor_, &woken, sizeof woken);
}

} // namespace adit::observe
