// Hexadecimal digits of whole words, for identifiers that are drawn at every request.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace adit {

// Writes 8 lower-case digits, the most significant first; all at once, each in an octet of one word.
inline void write_hex(char* out, std::uint32_t value) noexcept {
    static_assert(std::endian::native == std::endian::little, "the first octet in memory is the lowest");
    constexpr std::uint64_t each = 0x0101'0101'0101'0101;
    constexpr unsigned to_letter = 'a' - '9' - 1;
    std::uint64_t digits = __builtin_bswap32(value);
    digits = (digits | digits << 16) & 0x0000'ffff'0000'ffff;
    digits = (digits | digits << 8) & 0x00ff'00ff'00ff'00ff;
    digits = (digits >> 4 | digits << 8) & each * 0x0f;
    const auto letters = (digits + each * 6) >> 4 & each; // 1 from ten on
    digits += each * '0' + letters * to_letter;
    std::memcpy(out, &digits, sizeof digits);
}

} // namespace adit
