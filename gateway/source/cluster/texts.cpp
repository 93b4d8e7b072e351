// Texts that stand for something else.
#include "source/cluster/decode.hpp"

#include <array>
#include <charconv>
#include <chrono>

namespace adit::source::cluster {

namespace {

// Exactly so many digits at the front of `text`, taken off; -1 where there are others.
int take_number(std::string_view& text, std::size_t digits) noexcept {
    if (text.size() < digits) return -1;
    int out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return out;
}

bool take_mark(std::string_view& text, std::string_view any_of) noexcept {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

// "Z" or "+02:00" as minutes.
std::optional<int> take_offset(std::string_view text) noexcept {
    if (text == "Z" || text == "z") return 0;
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const int hours = take_number(text, 2);
    if (!take_mark(text, ":")) return std::nullopt;
    const int minutes = take_number(text, 2);
    if (hours < 0 || minutes < 0 || !text.empty()) return std::nullopt;
    return sign * (hours * 60 + minutes);
}

constexpr std::array<std::int8_t, 256> base64_digits = [] {
    std::array<std::int8_t, 256> out{};
    out.fill(-1);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return out;
}();

} // namespace

std::optional<std::int64_t> parse_time(std::string_view text) noexcept {
    using namespace std::chrono;
    const int y = take_number(text, 4);
    const bool first = take_mark(text, "-");
    const int m = take_number(text, 2);
    const bool second = take_mark(text, "-");
    const int d = take_number(text, 2);
    const bool third = take_mark(text, "Tt ");
    const int hour = take_number(text, 2);
    const bool fourth = take_mark(text, ":");
    const int minute = take_number(text, 2);
    const bool fifth = take_mark(text, ":");
    const int second_of = take_number(text, 2);
    if (!first || !second || !third || !fourth || !fifth) return std::nullopt;
    if (take_mark(text, "."))
        while (take_mark(text, "0123456789")) {
        }
    const auto offset = take_offset(text);
    const year_month_day day{
        year{y}, month{static_cast<unsigned>(m)}, std::chrono::day{static_cast<unsigned>(d)}};
    if (y < 0 || m < 0 || d < 0 || hour < 0 || minute < 0 || second_of < 0 || !day.ok() || !offset)
        return std::nullopt;
    const std::int64_t days = sys_days{day}.time_since_epoch().count();
    return ((days * 24 + hour) * 60 + minute - *offset) * 60 + second_of;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned count = 0, padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r' || c == ' ') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto digit = base64_digits[static_cast<unsigned char>(c)];
        if (digit < 0 || padding != 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if (++count % 4 != 0) continue;
        for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(bits >> shift & 0xff);
        bits = 0;
    }
    const auto rest = count % 4;
    if (rest == 1 || padding > 2 || (padding != 0 && (count + padding) % 4 != 0)) return std::nullopt;
    if (rest == 2) out += static_cast<char>(bits >> 4 & 0xff);
    if (rest == 3) {
        out += static_cast<char>(bits >> 10 & 0xff);
        out += static_cast<char>(bits >> 2 & 0xff);
    }
    return out;
}

} // namespace adit::source::cluster
