#include "model/weight.hpp"

#include <charconv>
#include <cmath>

namespace adit::model {

namespace {
std::optional<weight> fail(weight_error reason, weight_error* why) noexcept {
    if (why) *why = reason;
    return std::nullopt;
}
} // namespace

std::optional<weight> to_weight(double percent, weight_error* why) noexcept {
    if (!std::isfinite(percent)) return fail(weight_error::not_a_number, why);
    if (percent < 0) return fail(weight_error::negative, why);
    if (percent > 100) return fail(weight_error::too_large, why);
    const double scaled = percent * 100;
    const double rounded = std::round(scaled);
    // 0.29 is not 29/100 in binary: what a double cannot say apart is taken for the decimal that was meant.
    if (std::abs(scaled - rounded) > 1e-9 * 10'000) return fail(weight_error::too_fine, why);
    return weight{static_cast<std::uint32_t>(rounded)};
}

std::optional<weight> parse_weight(std::string_view text, weight_error* why) noexcept {
    double percent = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), percent, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(weight_error::not_a_number, why);
    return to_weight(percent, why);
}

std::string to_text(weight value) {
    auto out = std::to_string(value.hundredths / 100);
    const auto rest = value.hundredths % 100;
    if (rest == 0) return out;
    out += '.';
    out += static_cast<char>('0' + rest / 10);
    if (rest % 10) out += static_cast<char>('0' + rest % 10);
    return out;
}

double to_percent(weight value) noexcept {
    return value.hundredths / 100.0;
}

std::string_view to_text(weight_error why) noexcept {
    switch (why) {
    case weight_error::negative: return "a weight cannot be negative";
    case weight_error::too_fine: return "a weight has at most two decimals";
    case weight_error::too_large: return "a weight is at most 100";
    case weight_error::not_a_number: return "a weight is a number of percent";
    }
    return "";
}

} // namespace adit::model
