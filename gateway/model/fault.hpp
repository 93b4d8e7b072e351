// Why a text was not understood, in an operator's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace adit::model {

struct fault {
    std::string message; // one sentence without a full stop
    std::string hint;    // what to write instead, may be empty
};

// For parsers: `return refuse(why, "…", "…");` where the result is any optional.
inline std::nullopt_t refuse(fault* why, std::string message, std::string hint = {}) {
    if (why) *why = {std::move(message), std::move(hint)};
    return std::nullopt;
}

// A value inside a sentence.
inline std::string ticked(std::string_view text) {
    std::string out(1, '`');
    out += text;
    return out += '`';
}

} // namespace adit::model
