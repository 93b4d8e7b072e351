#include "core/http_date.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace adit {
namespace {

using namespace std::chrono_literals;

TEST(an_http_date, is_written_as_rfc_9110_has_it) {
    const std::pair<std::chrono::seconds, std::string_view> rows[]{
        {0s, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {784'111'777s, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {951'782'400s, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {4'102'444'799s, "Thu, 31 Dec 2099 23:59:59 GMT"},
    };
    for (const auto& [at, wanted] : rows) {
        const auto got = to_http_date(at);
        EXPECT_EQ((std::string_view{got.data(), got.size()}), wanted);
    }
}

} // namespace
} // namespace adit
