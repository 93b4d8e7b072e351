// A track's share of its route's randomised traffic.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

// Hundredths of a percent: 12.5 % is 1250. Range 0…10000.
struct weight {
    static constexpr std::uint32_t whole = 10'000;

    std::uint32_t hundredths = 0;

    auto operator<=>(const weight&) const = default;
};

enum class weight_error { negative, too_fine, too_large, not_a_number };

// A percentage as a finite double; finer than 0.01 is an error, not rounded.
std::optional<weight> to_weight(double percent, weight_error* why = nullptr) noexcept;
// "12.5", "5"; no sign, no '%'.
std::optional<weight> parse_weight(std::string_view text, weight_error* why = nullptr) noexcept;
// "12.5", without needless zeros.
std::string to_text(weight value);
double to_percent(weight value) noexcept;
std::string_view to_text(weight_error why) noexcept;

} // namespace adit::model
