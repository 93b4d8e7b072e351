#include "core/json_escape.hpp"

#include <gtest/gtest.h>

namespace adit {
namespace {

std::string escaped(std::string_view text) {
    std::string out;
    append_json_escaped(out, text);
    return out;
}

TEST(json_escape, keeps_what_json_can_carry) {
    EXPECT_EQ(escaped(""), "");
    EXPECT_EQ(
        escaped("plain text, gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x86"),
        "plain text, gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\xa6\x86"
    );
    EXPECT_EQ(escaped("\"\\/"), "\\\"\\\\/");
    EXPECT_EQ(escaped(std::string_view("\0\b\t\n\r\x1f\x7f", 7)), "\\u0000\\u0008\\t\\n\\r\\u001f\\u007f");
}

TEST(json_escape, replaces_each_byte_that_is_no_utf8) {
    const std::pair<std::string_view, std::string_view> rows[]{
        {"a\x80z", "a\\ufffdz"},                              // a continuation alone
        {"\xc0\xaf", "\\ufffd\\ufffd"},                       // overlong
        {"\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd"},            // likewise
        {"\xf0\x80\x80\xaf", "\\ufffd\\ufffd\\ufffd\\ufffd"}, // likewise
        {"\xed\xbf\xbf", "\\ufffd\\ufffd\\ufffd"},            // a surrogate
        {"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"}, // above U+10FFFF
        {"\xfe\xff", "\\ufffd\\ufffd"},                       // never begin anything
        {"\xe2\x82", "\\ufffd\\ufffd"},                       // cut
        {"\xe2\"x", "\\ufffd\\\"x"},                          // what follows stays itself
    };
    for (const auto& [bytes, wanted] : rows) EXPECT_EQ(escaped(bytes), wanted);
}

} // namespace
} // namespace adit
