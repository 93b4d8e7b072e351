// The first-party cookie by which Adit remembers a visitor: "v1.ID.MAC". ID is random and is the cohort key;
// MAC is BLAKE2b-128 under a key that all replicas share.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace adit::canary {

// Newest first: it signs; all verify.
struct cookie_keys {
    std::vector<std::array<unsigned char, 32>> keys;
};

inline constexpr std::size_t cookie_id_size = 16;  // 12 bytes in base64url
inline constexpr std::size_t cookie_mac_size = 22; // 16 bytes in base64url
inline constexpr std::size_t cookie_value_size = 3 + cookie_id_size + 1 + cookie_mac_size;
using cookie_value = std::array<char, cookie_value_size>;

// Once per process before the others; thread-safe, may be repeated. False when libsodium cannot start.
bool prepare_cookies() noexcept;

// A fresh value whose 96 random bits come from the two words, signed by the newest key. `keys` is not empty.
cookie_value issue_cookie(const cookie_keys& keys, std::uint64_t high, std::uint32_t low) noexcept;

// Of a value: does it have the form above, whatever its signature?
bool has_cookie_form(std::string_view value) noexcept;
std::string_view cookie_id(std::string_view value) noexcept; // of a value with that form
// Constant-time per key.
bool is_signed(const cookie_keys& keys, std::string_view value) noexcept; // a value with that form

} // namespace adit::canary
