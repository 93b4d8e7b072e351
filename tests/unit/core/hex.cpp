#include "core/hex.hpp"

#include "core/random.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace adit {
namespace {

TEST(hex, is_what_printf_writes) {
    random_source random{1};
    std::uint32_t values[1000]{0, 1, 0x9, 0xa, 0xf, 0x10, 0x0123'4567, 0x89ab'cdef, 0x9a9a'9a9a, 0xffff'ffff};
    for (std::size_t i = 10; i < std::size(values); ++i)
        values[i] = static_cast<std::uint32_t>(random.next());
    for (const auto value : values) {
        char expected[9];
        std::snprintf(expected, sizeof expected, "%08x", value);
        char digits[8];
        write_hex(digits, value);
        EXPECT_EQ(std::string(digits, sizeof digits), expected);
    }
}

} // namespace
} // namespace adit
