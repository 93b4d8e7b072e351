// Texts that are no configuration at all, by accident or on purpose: told in one line, never a crash or a
// long wait.
#include "core/random.hpp"
#include "source/file/read.hpp"
#include "source/file/tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace adit::source {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string told(std::string_view text) {
    const auto got = read_text(text, "f");
    EXPECT_FALSE(got.gateway) << text.substr(0, 200);
    std::string out;
    for (const auto& one : got.problems) out += to_text(one) + '\n';
    return out;
}

std::string repeat(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

TEST(hostile, texts_that_hold_nothing) {
    for (const auto text :
         {"", "\n\n", "# only words\n", "---\n", "---\n---\n", "~", "null\n", "--- !!null\n"})
        EXPECT_EQ(
            told(text), "f: error: the file is empty (it needs at least `routes`; see config/adit.yaml)\n"
        ) << text;
}

TEST(hostile, roots_that_are_no_map) {
    EXPECT_THAT(
        told("hello"),
        StartsWith("f:1:1: error: a map is wanted, not `hello` (with the keys listeners, routes, ")
    );
    EXPECT_THAT(told("\"\""), StartsWith("f:1:1: error: a map is wanted, not the text ``"));
    EXPECT_THAT(told("- a\n- b\n"), StartsWith("f:1:1: error: a map is wanted, not a list"));
    EXPECT_THAT(told(std::string(1000, 'x')), HasSubstr("xxx…`"));
}

TEST(hostile, broken_yaml_keeps_its_place) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"a: b: c\n",
         "f:1:5: error: not valid YAML: illegal map value (look at the indentation, and put quotes"},
        {"a: 1\n  b: 2\n", "f:2:4: error: not valid YAML: illegal map value"},
        {"routes: [\n", "f:2:1: error: not valid YAML: end of sequence flow not found (a [ is not closed)"},
        {"routes: {\n", "f:2:1: error: not valid YAML: end of map flow not found (a { is not closed)"},
        {"a: \"b", "f:1:6: error: not valid YAML: illegal EOF in scalar (a quotation mark is not closed)"},
        {"a: *b\n", "f:1:4: error: not valid YAML: the referenced anchor is not defined (put quotes"},
        {"a: @b\n", "f:1:4: error: not valid YAML: unknown token (put quotes"},
        {"a:\n- b\n  c: d\n", "f:3:4: error: not valid YAML: illegal map value"},
        {"a: &a [*a]\n", "f:1:8: error: an alias stands inside its own anchor (remove it)"},
        {"a: !secret b\n", "f:1:4: error: the YAML tag !secret means nothing here"},
        {"? [a]\n: b\n", "f:1:3: error: a key is a word, not a list or a map"},
        {": b\n", "f:1:1: error: a key is missing before ':'"},
        {"~: b\n", "f:1:1: error: a key is missing before ':'"},
        {"a: &x 1\n*x : 2\n", "f:2:1: error: an alias is no key"},
        {"routes: []\n---\nroutes: []\n",
         "f:3:1: error: a second YAML document (keep one document in the file)"},
    };
    for (const auto& [text, wanted] : cases) EXPECT_THAT(told(text), StartsWith(std::string(wanted))) << text;
}

TEST(hostile, bytes_that_are_no_text) {
    using namespace std::string_view_literals;
    EXPECT_EQ(
        told("a: 1\nb: \0\n"sv),
        "f:2:4: error: a control byte (0) stands in the file (save it as UTF-8 text)\n"
    );
    EXPECT_EQ(
        told("a: \x04\n"), "f:1:4: error: a control byte (4) stands in the file (save it as UTF-8 text)\n"
    );
    EXPECT_EQ(
        told("a: \x1b[0m\n"), "f:1:4: error: a control byte (27) stands in the file (save it as UTF-8 text)\n"
    );
    EXPECT_EQ(told("\xff\xfe"sv), "f:1:1: error: the file is not UTF-8 (save it as UTF-8 text)\n");
    for (const auto bad :
         {"\x80", "\xc0\xaf", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
          "\xf5", "\xe2\x82"})
        EXPECT_THAT(told(std::string("a: é") + bad), StartsWith("f:1:5: error: the file is not UTF-8"));
    EXPECT_THAT(told("a: é€𝄞\n"), HasSubstr("unknown key"));
}

TEST(hostile, endless_nesting) {
    EXPECT_THAT(
        told("a: " + repeat("[", 40) + repeat("]", 40)), HasSubstr("f:1:35: error: nested more than 32 deep")
    );
    EXPECT_THAT(told("a: " + repeat("[", 100'000)), HasSubstr("error: "));
    EXPECT_THAT(told("a: " + repeat("{a: ", 100'000)), HasSubstr("nested more than 32 deep"));
    EXPECT_THAT(told(repeat("[", 100'000)), HasSubstr("error: "));
    EXPECT_THAT(told(repeat("{a: ", 100'000)), HasSubstr("error: "));
    EXPECT_THAT(told(repeat("- ", 100'000)), HasSubstr("nested more than 32 deep"));
    EXPECT_THAT(told(repeat("? ", 100'000)), HasSubstr("error: "));
    EXPECT_THAT(told(repeat("!", 100'000)), HasSubstr("error: "));
    std::string stairs;
    for (int i = 0; i < 500; ++i) stairs += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_THAT(told(stairs), HasSubstr("nested more than 32 deep"));
}

TEST(hostile, sizes) {
    EXPECT_EQ(
        told(std::string(max_file_size + 1, ' ')),
        "f: error: the file is larger than 16 MiB (split it over several gateways)\n"
    );
    EXPECT_THAT(told("a: [" + repeat("a,", 1'100'000) + "]"), HasSubstr("more than 1000000 values"));
    EXPECT_THAT(told(std::string(100'000, 'k') + ": 1\nroutes: []\n"), HasSubstr("error: "));
    EXPECT_LT(told("? " + std::string(100'000, 'k') + "\n: 1\nroutes: []\n").size(), 1000U);
}

TEST(hostile, aliases_in_aliases) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 20; ++i) {
        const auto last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + repeat(", " + last, 9) +
                "]\n";
    }
    EXPECT_THAT(
        told(bomb + "trusted_proxies: *a19\n"), HasSubstr("trusted_proxies[0]: text is wanted, not a list")
    );
    // Lists where lists may stand: 1,000 routes of 1,000 rules of 1,000 addresses.
    const auto rules = "x: &s [10.0.0.1" + repeat(", 10.0.0.1", 999) +
                       "]\nroutes:\n- &r {name: a, tracks: {stable: {endpoints: [a]}}, force: [&f {source: "
                       "*s, track: stable}" +
                       repeat(", *f", 999) + "]}\n" + repeat("- *r\n", 999);
    EXPECT_THAT(told(rules), HasSubstr("aliases unfold to more than 2000000 values"));
}

TEST(hostile, random_changes_to_a_good_file) {
    std::ifstream in(ADIT_SOURCE_DIR "/tests/unit/source/full.yaml");
    std::stringstream whole;
    whole << in.rdbuf();
    const auto good = whole.str();
    ASSERT_GT(good.size(), 1000U);
    constexpr std::string_view marks = "{}[]:,-#&*!|>'\"%@`~? \n\tax0\x7f";
    random_source random(20261122);
    const auto somewhere = [&](const std::string& text) {
        return random.below(static_cast<std::uint32_t>(text.size()));
    };
    for (int round = 0; round < 1'000; ++round) {
        auto text = good;
        for (auto changes = 1 + random.below(3); changes > 0 && !text.empty(); --changes) {
            const auto at = somewhere(text);
            switch (random.below(4)) {
            case 0: text[at] = marks[random.below(marks.size())]; break;
            case 1: text.erase(at, 1 + random.below(20)); break;
            case 2: text.insert(at, 1, marks[random.below(marks.size())]); break;
            default: text.resize(at); break;
            }
        }
        const auto got = read_text(text, "f");
        if (!got.gateway)
            EXPECT_TRUE(has_errors(got.problems)) << text;
        else
            EXPECT_FALSE(has_errors(got.problems)) << text;
        const int lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
        for (const auto& one : got.problems) {
            EXPECT_FALSE(one.message.empty());
            EXPECT_GE(one.at.line, 0) << to_text(one);
            EXPECT_LE(one.at.line, lines) << to_text(one);
        }
    }
}

TEST(hostile, texts_that_yaml_cpp_was_known_to_stumble_over) {
    for (const auto text :
         {"!2",
          "!<",
          "%",
          "%YAML",
          "%YAML 3.0\n---\na: 1",
          "%TAG ! a\n%TAG ! a\n---\n",
          "|",
          ">",
          "|-9",
          "&",
          "*",
          "? ?",
          "- -",
          "[,]",
          "{,}",
          "{a: b",
          "a: |\n",
          "a:\n\t- b",
          "!!binary |\n x",
          "\"\\x\"",
          "\"\\u12\"",
          "'",
          "...",
          "--- --- ---",
          "- [a: b]",
          "[a: b, c]",
          "{? a, ? b: c}"})
        told(text);
}

TEST(find_place, falls_back_to_what_is_around) {
    complaint problem;
    const auto parsed = tree::parse("a:\n- b: 1\n  c.d: 2\n  c: 3\n- 4\ne:\n", "f", problem);
    ASSERT_TRUE(parsed);
    const auto at = [&](std::string_view key) {
        const auto found = find_place(parsed->root(), key, "f");
        return std::to_string(found.line) + ':' + std::to_string(found.column);
    };
    EXPECT_EQ(at(""), "1:1");
    EXPECT_EQ(at("nothing"), "1:1");
    EXPECT_EQ(at("a"), "1:1");
    EXPECT_EQ(at("a[0]"), "2:3");
    EXPECT_EQ(at("a[0].b"), "2:6");
    EXPECT_EQ(at("a[0].c.d"), "3:8");
    EXPECT_EQ(at("a[0].c"), "4:6");
    EXPECT_EQ(at("a[0].c.e"), "4:6");
    EXPECT_EQ(at("a[1]"), "5:3");
    EXPECT_EQ(at("a[1].x"), "5:3");
    EXPECT_EQ(at("a[2].x"), "1:1");
    EXPECT_EQ(at("a[99999999999999999999]"), "1:1");
    EXPECT_EQ(at("e"), "6:1");
}

} // namespace
} // namespace adit::source
