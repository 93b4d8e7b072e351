#include "model/units.hpp"

#include "core/bytes.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace adit::model {

namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<unit, 4> times{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 5> sizes{
    {{"TiB", 1ULL << 40}, {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}}};
constexpr std::uint64_t longest = 366ULL * 24 * 3'600'000; // ms
constexpr std::string_view duration_form = "e.g. 30s, 500ms, 1m30s, 2h";
constexpr std::string_view size_form = "e.g. 8KiB, 1MiB, or a number of bytes";

// Splits digits off the front; empty when there are none.
std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    const auto digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

std::string_view take_letters(std::string_view& text) noexcept {
    std::size_t n = 0;
    while (n < text.size() && lower(text[n]) >= 'a' && lower(text[n]) <= 'z') ++n;
    const auto letters = text.substr(0, n);
    text.remove_prefix(n);
    return letters;
}

template <std::size_t N>
const unit* find_unit(const std::array<unit, N>& known, std::string_view name) noexcept {
    const auto found =
        std::find_if(known.begin(), known.end(), [&](const unit& u) { return u.name == name; });
    return found == known.end() ? nullptr : &*found;
}

std::nullopt_t unit_missing(fault* why, std::string_view digits) {
    return refuse(
        why, "a duration needs a unit", "write " + std::string(digits) + "s or " + std::string(digits) + "ms"
    );
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, fault* why) {
    const std::string form(duration_form);
    std::uint64_t total = 0;
    const unit* last = nullptr;
    if (text.empty()) return refuse(why, "a duration is empty", form);
    for (auto rest = text; !rest.empty();) {
        const auto digits = take_digits(rest);
        const auto name = take_letters(rest);
        if (digits.empty()) return refuse(why, "`" + std::string(text) + "` is not a duration", form);
        if (name.empty() && rest.empty()) return unit_missing(why, digits);
        const auto* found = find_unit(times, name);
        if (!found) return refuse(why, "`" + std::string(text) + "` is not a duration", form);
        if (last && found->factor >= last->factor)
            return refuse(why, "a duration goes from its largest unit to its smallest, each once", form);
        last = found;
        const auto count = parse_decimal(digits);
        if (!count || *count > longest / found->factor)
            return refuse(why, "a duration is at most a year", form);
        total += *count * found->factor;
    }
    if (total > longest) return refuse(why, "a duration is at most a year", form);
    return std::chrono::milliseconds(total);
}

std::string to_text(std::chrono::milliseconds value) {
    auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
    std::string out;
    for (const auto& one : times) {
        if (rest < one.factor) continue;
        out += std::to_string(rest / one.factor);
        out += one.name;
        rest %= one.factor;
    }
    return out.empty() ? "0s" : out;
}

std::optional<frequency> parse_frequency(std::string_view text, fault* why) {
    constexpr std::string_view form = "a whole number per s, m or h, e.g. 10/s or 300/m";
    constexpr std::uint32_t most = 1'000'000;
    const auto slash = text.find('/');
    const auto count = parse_decimal(text.substr(0, slash));
    const auto unit = slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    const auto seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
    if (!count || seconds == 0)
        return refuse(why, ticked(text) + " does not say how often", std::string(form));
    if (*count == 0 || *count > most)
        return refuse(why, ticked(text) + " is out of range", "from 1 to " + std::to_string(most));
    return frequency{static_cast<std::uint32_t>(*count), std::chrono::seconds(seconds)};
}

std::string to_text(const frequency& value) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(value.per).count();
    return std::to_string(value.count) + (seconds == 3600 ? "/h" : seconds == 60 ? "/m" : "/s");
}

std::optional<std::uint64_t> parse_size(std::string_view text, fault* why) {
    const std::string form(size_form);
    if (text.empty()) return refuse(why, "a size is empty", form);
    auto rest = text;
    const auto digits = take_digits(rest);
    if (digits.empty()) return refuse(why, "`" + std::string(text) + "` is not a size", form);
    const auto* found = find_unit(sizes, rest.empty() ? "B" : rest);
    if (!found) {
        // "8k", "8KB", "8kib": the power of 1024 is what is meant, but it has to be said.
        for (const auto& one : sizes)
            if (!rest.empty() && lower(rest[0]) == lower(one.name[0]) && rest.size() <= 3)
                return refuse(
                    why, "`" + std::string(rest) + "` is not a unit of size",
                    "write " + std::string(digits) + std::string(one.name)
                );
        return refuse(why, "`" + std::string(text) + "` is not a size", form);
    }
    const auto count = parse_decimal(digits);
    if (!count || *count > std::numeric_limits<std::int64_t>::max() / found->factor)
        return refuse(why, "a size is too large", form);
    return *count * found->factor;
}

std::string size_to_text(std::uint64_t bytes) {
    if (bytes == 0) return "0";
    for (const auto& one : sizes)
        if (bytes % one.factor == 0) return std::to_string(bytes / one.factor) + std::string(one.name);
    return std::to_string(bytes);
}

} // namespace adit::model
