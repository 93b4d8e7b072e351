// What an authorising service has said, kept for a while by one worker for one route.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace adit::policy {

enum class auth_verdict : std::uint8_t { allowed, unauthorised, forbidden, failed };

// Stands for the values that an answer depends on: a keyed hash too long for anybody to find two requests
// that share one (BLAKE2b with a key of this process).
using auth_key = std::array<unsigned char, 32>;

// Not thread safe. Bounded: the oldest answer makes room for the newest. Memory is taken by put() alone.
class auth_cache {
public:
    static constexpr std::size_t most_answers = 4096;
    static constexpr std::size_t longest_text = 2048; // bytes; longer answers are not kept

    struct answer {
        auth_verdict verdict = auth_verdict::failed;
        std::uint32_t upstream_size = 0; // bytes at the front of `lines` that are for the upstream
        instant expires = 0;
        std::string lines; // field lines, those for the upstream first, those for the client behind them

        std::string_view upstream_lines() const noexcept { return {lines.data(), upstream_size}; }
        std::string_view client_lines() const noexcept {
            return std::string_view{lines}.substr(upstream_size);
        }
    };

    explicit auth_cache(std::size_t most = most_answers) : most_(most) {}

    // nullptr where nothing is known, or what is known has expired. Good until the next put() or clear().
    const answer* find(const auth_key& key, instant now) const noexcept;
    void
    put(const auth_key& key, auth_verdict verdict, std::string_view upstream_lines,
        std::string_view client_lines, instant expires);
    void clear() noexcept;
    std::size_t size() const noexcept { return answers_.size(); }

private:
    struct spread {
        std::size_t operator()(const auth_key& key) const noexcept {
            std::size_t out;
            std::memcpy(&out, key.data(), sizeof out);
            return out;
        }
    };

    std::size_t most_;
    std::unordered_map<auth_key, answer, spread> answers_;
    std::vector<auth_key> order_; // a ring, in order of arrival
    std::size_t oldest_ = 0;
};

} // namespace adit::policy
