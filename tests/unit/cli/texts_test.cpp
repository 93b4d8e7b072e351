#include "cli/columns.hpp"
#include "cli/utf8.hpp"
#include "cli/wall_clock.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace adit::cli {
namespace {

using namespace std::chrono;
using time_point = system_clock::time_point;

time_point at(std::int64_t count) {
    return time_point(nanoseconds(count));
}

TEST(wall_clock, writes_what_it_reads) {
    EXPECT_EQ(format_time(at(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(format_time(at(1)), "1970-01-01T00:00:00.000000001Z");
    EXPECT_EQ(format_time(at(-1)), "1969-12-31T23:59:59.999999999Z");
    EXPECT_EQ(format_time(at(951'827'696'120'000'000)), "2000-02-29T12:34:56.12Z");
    constexpr std::int64_t day = 86'400'000'000'000;
    for (std::int64_t count = -292 * 365 * day; count < 291 * 365 * day;
         count += 123 * day + 4'567'890'123'457) {
        const auto read = parse_time(format_time(at(count)));
        ASSERT_TRUE(read) << format_time(at(count));
        ASSERT_EQ(*read, at(count));
    }
}

TEST(wall_clock, reads_offsets_and_long_fractions) {
    const auto noon = parse_time("2026-03-01T12:00:00Z");
    ASSERT_TRUE(noon);
    EXPECT_EQ(parse_time("2026-03-01T14:30:00+02:30"), noon);
    EXPECT_EQ(parse_time("2026-03-01t07:00:00-05:00"), noon);
    EXPECT_EQ(parse_time("2026-03-01T12:00:00.0000000009999z"), noon);
    EXPECT_EQ(parse_time("2026-03-01T12:00:00.25Z"), *noon + milliseconds(250));
}

TEST(wall_clock, refuses_what_is_no_time) {
    for (const auto* text :
         {"", "now", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z", "2026-02-29T12:00:00Z",
          "2026-13-01T12:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z",
          "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00Zx", "2026-03-01T12:00:00+0200",
          "1000-03-01T12:00:00Z", "9999-03-01T12:00:00Z", "+026-03-01T12:00:00Z", "2026-3-1T12:00:00Z"})
        EXPECT_FALSE(parse_time(text)) << text;
}

TEST(utf8, keeps_what_is_well_formed) {
    for (const std::string text :
         {"", "plain", "J\xC3\xBCrgen", "\xE6\x97\xA5", "\xF0\x9F\x9A\xA6", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xF4\x8F\xBF\xBF"})
        EXPECT_EQ(clean_utf8(text), text);
}

TEST(utf8, replaces_each_byte_that_is_not) {
    const std::string bad = "\xEF\xBF\xBD";
    EXPECT_EQ(clean_utf8("a\xFFz"), "a" + bad + "z");
    EXPECT_EQ(clean_utf8("\xC3"), bad);                               // cut
    EXPECT_EQ(clean_utf8("\xC3z"), bad + "z");                        // interrupted
    EXPECT_EQ(clean_utf8("\xC0\xAF"), bad + bad);                     // overlong
    EXPECT_EQ(clean_utf8("\xE0\x80\xAF"), bad + bad + bad);           // overlong
    EXPECT_EQ(clean_utf8("\xED\xA0\x80"), bad + bad + bad);           // surrogate
    EXPECT_EQ(clean_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad); // above U+10FFFF
    EXPECT_EQ(clean_utf8("\x80"), bad);
}

TEST(columns, pads_by_characters_and_never_the_last) {
    columns rows(2);
    rows.add({"Jürgen", "1", "a long sentence"});
    rows.add({"al", "22"});
    rows.add({"x", "", ""});
    rows.add({"", "", "z"});
    rows.add({});
    EXPECT_EQ(rows.text(), "  Jürgen  1  a long sentence\n  al      22\n  x\n             z\n\n");
}

} // namespace
} // namespace adit::cli
