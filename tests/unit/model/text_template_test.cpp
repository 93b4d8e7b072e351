#include "model/text_template.hpp"

#include <gtest/gtest.h>

namespace adit::model {
namespace {

constexpr variable_set allowed{variable::host, variable::track, variable::group, variable::named_group};

// "literal|<host>|<1>|<name>"
std::string parsed(std::string_view text, variable_set which = allowed) {
    fault why;
    const auto got = parse_template(text, which, &why);
    if (!got) return "refused: " + why.message;
    std::string out;
    for (const auto& one : *got) {
        if (!out.empty()) out += '|';
        switch (one.what) {
        case variable::literal: out += one.text; break;
        case variable::group: out += '<' + std::to_string(one.number) + '>'; break;
        case variable::named_group: out += '<' + one.text + '>'; break;
        default: out += '<' + std::string(name_of(one.what)) + '>'; break;
        }
    }
    return out;
}

TEST(text_template, is_literals_variables_and_groups) {
    const std::pair<std::string_view, std::string_view> rows[]{
        {"", ""},
        {"plain", "plain"},
        {"$host", "<host>"},
        {"https://$host/x", "https://|<host>|/x"},
        {"${host}name", "<host>|name"},
        {"$track-$host", "<track>|-|<host>"},
        {"/$1$2/$10", "/|<1>|<2>|/|<1>|0"},
        {"${1}0", "<1>|0"},
        {"a$$b", "a$b"},
        {"$$$1", "$|<1>"},
        {"${rest}", "<rest>"},
        {"$hostname", "refused: there is no variable `$hostname` here"},
        {"$path", "refused: there is no variable `$path` here"},
        {"${path}", "refused: there is no variable `$path` here"},
        {"$", "refused: a dollar without a name"},
        {"a$-", "refused: a dollar without a name"},
        {"${}", "refused: a dollar without a name"},
        {"${host", "refused: `${` without its `}`"},
        {"${10}", "refused: there is no variable `$10` here"},
    };
    for (const auto& [text, wanted] : rows) EXPECT_EQ(parsed(text), wanted) << text;
}

TEST(text_template, tells_what_may_be_used) {
    fault why;
    EXPECT_FALSE(parse_template("$x", {variable::host, variable::group}, &why));
    EXPECT_EQ(why.hint, "known here: $host, $1 to $9, ${name}");
    EXPECT_FALSE(parse_template("$1", {}, &why));
    EXPECT_EQ(why.hint, "write $$ for a dollar");
    EXPECT_EQ(parsed("$1", {variable::host}), "refused: there is no variable `$1` here");
}

} // namespace
} // namespace adit::model
