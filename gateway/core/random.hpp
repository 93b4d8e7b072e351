// A fast generator for one thread: xoshiro256** (Blackman and Vigna, 2018), seeded from the kernel. Not for
// secrets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace adit {

class random_source {
public:
    // Seeded from getrandom(2).
    random_source();
    // A fixed sequence, for tests.
    explicit random_source(std::uint64_t seed) noexcept;

    std::uint64_t next() noexcept {
        const auto result = std::rotl(state_[1] * 5, 7) * 9;
        const auto shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    // Uniform in [0, bound), bound > 0, without bias (Lemire 2019).
    std::uint32_t below(std::uint32_t bound) noexcept {
        auto product = std::uint64_t{static_cast<std::uint32_t>(next() >> 32)} * bound;
        if (static_cast<std::uint32_t>(product) < bound) {
            const std::uint32_t threshold = -bound % bound;
            while (static_cast<std::uint32_t>(product) < threshold)
                product = std::uint64_t{static_cast<std::uint32_t>(next() >> 32)} * bound;
        }
        return static_cast<std::uint32_t>(product >> 32);
    }

private:
    std::array<std::uint64_t, 4> state_;
};

} // namespace adit
