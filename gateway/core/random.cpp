#include "core/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace adit {

random_source::random_source() {
    ssize_t got;
    do got = getrandom(state_.data(), sizeof state_, 0);
    while (got < 0 && errno == EINTR);
    if (got != sizeof state_) std::abort(); // at most 256 bytes are never cut short (getrandom(2))
}

random_source::random_source(std::uint64_t seed) noexcept {
    for (auto& word : state_) { // splitmix64, as the generator's authors advise
        seed += 0x9e3779b97f4a7c15;
        auto z = seed;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        word = z ^ (z >> 31);
    }
}

} // namespace adit
