#include "core/complaint.hpp"

#include <gtest/gtest.h>

namespace adit {
namespace {

TEST(complaint, names_place_key_and_hint) {
    complaint one;
    one.at = {"shop.yaml", 4, 12};
    one.key = "routes[0].name";
    one.message = "is empty";
    one.hint = "write a name";
    EXPECT_EQ(to_text(one), "shop.yaml:4:12: error: routes[0].name: is empty (write a name)");
}

TEST(complaint, leaves_out_what_is_unknown) {
    complaint one;
    one.message = "no route";
    EXPECT_EQ(to_text(one), "error: no route");
    one.level = complaint::severity::warning;
    one.at.file = "a.yaml";
    EXPECT_EQ(to_text(one), "a.yaml: warning: no route");
    one.at.line = 3;
    EXPECT_EQ(to_text(one), "a.yaml:3: warning: no route");
}

TEST(complaint, a_warning_is_no_error) {
    complaints list(1);
    EXPECT_TRUE(has_errors(list));
    list[0].level = complaint::severity::warning;
    EXPECT_FALSE(has_errors(list));
    EXPECT_FALSE(has_errors({}));
}

} // namespace
} // namespace adit
