// From what an operator wrote about a value to the test that requests are put to.
#pragma once

#include "core/text_test.hpp"
#include "model/route.hpp"

namespace adit::model {

// Case-sensitive and not anchored, as `canary-by-header-pattern` is.
inline std::variant<text_test, pattern::failure> compile(const value_match& wish) {
    switch (wish.how) {
    case value_match::kind::exact: return text_test::exact(wish.text);
    case value_match::kind::present: return text_test::present();
    case value_match::kind::regex: break;
    }
    auto compiled = pattern::compile(wish.text);
    if (auto* failed = std::get_if<pattern::failure>(&compiled)) return std::move(*failed);
    return text_test::regex(std::move(std::get<pattern>(compiled)));
}

} // namespace adit::model
