#include "core/bytes.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace adit {
namespace {

std::vector<std::string> elements(std::string_view list, char separator = ',') {
    std::vector<std::string> out;
    while (const auto one = next_element(list, separator)) out.emplace_back(*one);
    return out;
}

TEST(bytes, case_is_ascii_only) {
    EXPECT_TRUE(iequals("Content-LENGTH", "content-length"));
    EXPECT_FALSE(iequals("content-length", "content-lengt"));
    EXPECT_FALSE(iequals("\xc4", "\xe4")); // Ä and ä of Latin-1
    EXPECT_FALSE(iequals("[", "{"));       // differ in the bit that differs in A and a
    EXPECT_EQ(to_lower("X-Next\xc4"), "x-next\xc4");
}

TEST(bytes, trim_takes_spaces_and_tabs) {
    EXPECT_EQ(trim_ows(" \t a b \t"), "a b");
    EXPECT_EQ(trim_ows("\r\na"), "\r\na");
    EXPECT_EQ(trim_ows(" \t "), "");
    EXPECT_EQ(trim_ows(""), "");
}

TEST(bytes, list_elements) {
    using list = std::vector<std::string>;
    EXPECT_EQ(elements("a"), list({"a"}));
    EXPECT_EQ(elements("a, b ,\tc"), list({"a", "b", "c"}));
    EXPECT_EQ(elements("a,,b"), list({"a", "", "b"}));
    EXPECT_EQ(elements(";a", ';'), list({"", "a"}));
    EXPECT_EQ(elements(std::string_view{}), list());
}

TEST(bytes, decimals_are_digits_only) {
    EXPECT_EQ(parse_decimal("0"), 0u);
    EXPECT_EQ(parse_decimal("007"), 7u);
    EXPECT_EQ(parse_decimal("18446744073709551615"), ~std::uint64_t{0});
    for (const auto* bad :
         {"", "+1", "-1", " 1", "1 ", "0x10", "1,1", "18446744073709551616", "99999999999999999999999"})
        EXPECT_FALSE(parse_decimal(bad)) << bad;
}

} // namespace
} // namespace adit
