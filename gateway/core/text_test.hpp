// A question about one value of a request: is it there, is it this text, does it match this pattern?
#pragma once

#include "core/pattern.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace adit {

class text_test {
public:
    static text_test present() { return text_test(std::monostate{}); }
    static text_test exact(std::string text) { return text_test(std::move(text)); }
    static text_test regex(pattern compiled) { return text_test(std::move(compiled)); }

    // `value` with data() == nullptr stands for "there is none", which no test accepts.
    pattern::verdict ask(std::string_view value) const noexcept {
        const auto as_verdict = [](bool good) {
            return good ? pattern::verdict::match : pattern::verdict::no_match;
        };
        if (const auto* compiled = std::get_if<pattern>(&what_))
            return value.data() ? compiled->search(value) : pattern::verdict::no_match;
        const auto* text = std::get_if<std::string>(&what_);
        return as_verdict(value.data() && (!text || value == *text));
    }
    // A search that hits a limit is a miss.
    bool holds(std::string_view value) const noexcept { return ask(value) == pattern::verdict::match; }

private:
    using question = std::variant<std::monostate, std::string, pattern>;
    explicit text_test(question what) : what_(std::move(what)) {}

    question what_;
};

} // namespace adit
