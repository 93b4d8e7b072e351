// Classes of octets, and the searches for where a class ends; sixteen octets a step where the machine has
// SSE2.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace adit::http {

// tchar of RFC 9110 §5.6.2.
inline constexpr auto token_octets = [] {
    std::array<bool, 256> out{};
    for (unsigned c = '0'; c <= '9'; ++c) out[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) out[c] = out[c - 0x20] = true;
    for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
        out[static_cast<unsigned char>(c)] = true;
    return out;
}();

constexpr bool is_token_octet(char c) noexcept {
    return token_octets[static_cast<unsigned char>(c)];
}

// A control character other than the horizontal tab; CR and LF are among them.
constexpr bool is_control(char c) noexcept {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\t') || u == 0x7f;
}

// The first control character in [at, end), or end.
inline const char* find_control(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
    const auto space = _mm_set1_epi8(0x20), tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);
    const auto top = _mm_set1_epi8(static_cast<char>(0x80));
    while (end - at >= 16) {
        const auto block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        // Signed comparison with the top bit flipped is an unsigned one.
        const auto low = _mm_cmplt_epi8(_mm_xor_si128(block, top), _mm_xor_si128(space, top));
        const auto bad =
            _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(block, tab), low), _mm_cmpeq_epi8(block, del));
        if (const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad))) return at + __builtin_ctz(mask);
        at += 16;
    }
#endif
    while (at != end && !is_control(*at)) ++at;
    return at;
}

// How many octets at the front of `text` are of a token.
inline std::size_t token_size(std::string_view text) noexcept {
    std::size_t at = 0;
#if defined(__SSE2__)
    // Letters, digits and '-' make up nearly every name; what else there is, is looked up.
    const auto within = [](__m128i octets, char first, char last) {
        const auto above = _mm_sub_epi8(octets, _mm_set1_epi8(first));
        return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8(static_cast<char>(last - first))), above);
    };
    for (; text.size() - at >= 16; at += 16) {
        const auto block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const auto plain = _mm_or_si128(
            within(_mm_or_si128(block, _mm_set1_epi8(0x20)), 'a', 'z'),
            _mm_or_si128(within(block, '0', '9'), _mm_cmpeq_epi8(block, _mm_set1_epi8('-')))
        );
        if (const auto other = static_cast<unsigned>(_mm_movemask_epi8(plain)) ^ 0xffffU) {
            at += static_cast<std::size_t>(__builtin_ctz(other));
            break;
        }
    }
#endif
    while (at < text.size() && is_token_octet(text[at])) ++at;
    return at;
}

} // namespace adit::http
