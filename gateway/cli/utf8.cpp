#include "cli/utf8.hpp"

#include <cstdint>

namespace adit::cli {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Bytes of the well-formed sequence that `text` begins with; 0 = it begins with none.
std::size_t sequence_size(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const auto within = [&](std::size_t at, int low, int high) {
        return at < text.size() && byte(at) >= low && byte(at) <= high;
    };
    const auto lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    if (lead < 0xE0) return within(1, 0x80, 0xBF) ? 2 : 0;
    // Overlong forms, surrogates and what lies beyond U+10FFFF show in the second byte.
    const int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (!within(1, low, high) || !within(2, 0x80, 0xBF)) return 0;
    if (lead < 0xF0) return 3;
    return within(3, 0x80, 0xBF) ? 4 : 0;
}

} // namespace

std::string clean_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto size = sequence_size(bytes);
        out += size ? bytes.substr(0, size) : replacement;
        bytes.remove_prefix(size ? size : 1);
    }
    return out;
}

} // namespace adit::cli
