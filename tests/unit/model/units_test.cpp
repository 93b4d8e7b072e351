#include "model/units.hpp"

#include <gtest/gtest.h>

namespace adit::model {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST(parse_duration, reads_units_from_large_to_small) {
    const std::pair<std::string_view, milliseconds> cases[]{
        {"30s", 30s},       {"500ms", 500ms}, {"1m30s", 90s}, {"2h", 2h},       {"1h1m1s1ms", 3'661'001ms},
        {"0s", 0ms},        {"0ms", 0ms},     {"90s", 90s},   {"8784h", 8784h}, {"1h0s", 1h},
        {"1500ms", 1500ms}, {"007s", 7s},
    };
    for (const auto& [text, wanted] : cases) {
        fault why;
        const auto got = parse_duration(text, &why);
        ASSERT_TRUE(got) << text << ": " << why.message;
        EXPECT_EQ(*got, wanted) << text;
        EXPECT_EQ(parse_duration(to_text(*got)), got) << text;
    }
}

TEST(parse_duration, says_why_not) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"", "is empty"},
        {"30", "needs a unit"},
        {"1m30", "needs a unit"},
        {"s", "is not a duration"},
        {"30 s", "is not a duration"},
        {"-1s", "is not a duration"},
        {"1.5s", "is not a duration"},
        {"1d", "is not a duration"},
        {"30S", "is not a duration"},
        {"1s1m", "from its largest unit"},
        {"1s1s", "from its largest unit"},
        {"9000h", "at most a year"},
        {"8784h1ms", "at most a year"},
        {"99999999999999999999s", "at most a year"},
    };
    for (const auto& [text, message] : cases) {
        fault why;
        EXPECT_FALSE(parse_duration(text, &why)) << text;
        EXPECT_NE(why.message.find(message), std::string::npos) << text << ": " << why.message;
        EXPECT_FALSE(why.hint.empty()) << text;
    }
    fault why;
    parse_duration("30", &why);
    EXPECT_EQ(why.hint, "write 30s or 30ms");
}

TEST(parse_size, reads_powers_of_1024) {
    const std::pair<std::string_view, std::uint64_t> cases[]{
        {"0", 0},          {"512", 512},         {"512B", 512},        {"8KiB", 8192},
        {"1MiB", 1 << 20}, {"2GiB", 2ULL << 30}, {"1TiB", 1ULL << 40}, {"1500", 1500},
    };
    for (const auto& [text, wanted] : cases) {
        const auto got = parse_size(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(*got, wanted) << text;
        EXPECT_EQ(parse_size(size_to_text(*got)), got) << text;
    }
    EXPECT_EQ(size_to_text(8192), "8KiB");
    EXPECT_EQ(size_to_text(1500), "1500B");
    EXPECT_EQ(size_to_text(0), "0");
}

TEST(parse_size, says_why_not) {
    struct bad_case {
        std::string_view text, message, hint;
    };
    const bad_case cases[]{
        {"", "is empty", "8KiB"},
        {"8k", "`k` is not a unit", "write 8KiB"},
        {"8KB", "`KB` is not a unit", "write 8KiB"},
        {"1mb", "`mb` is not a unit", "write 1MiB"},
        {"1kib", "`kib` is not a unit", "write 1KiB"},
        {"8 KiB", "is not a size", ""},
        {"KiB", "is not a size", ""},
        {"-1", "is not a size", ""},
        {"1.5MiB", "is not a size", ""},
        {"99999999999999999999", "too large", ""},
        {"9999999999TiB", "too large", ""},
    };
    for (const auto& one : cases) {
        fault why;
        EXPECT_FALSE(parse_size(one.text, &why)) << one.text;
        EXPECT_NE(why.message.find(one.message), std::string::npos) << one.text << ": " << why.message;
        EXPECT_NE(why.hint.find(one.hint), std::string::npos) << one.text << ": " << why.hint;
    }
}

} // namespace
} // namespace adit::model
