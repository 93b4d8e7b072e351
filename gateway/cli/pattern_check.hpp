// The pattern checker that validation is given: what the matchers themselves will compile.
#pragma once

#include "core/pattern.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adit::cli {

// What is wrong with a regular expression, nullopt if nothing is.
inline std::optional<std::string> check_pattern(std::string_view text) {
    const auto compiled = pattern::compile(text);
    if (const auto* failure = std::get_if<pattern::failure>(&compiled))
        return failure->message + " at byte " + std::to_string(failure->offset + 1);
    return std::nullopt;
}

} // namespace adit::cli
