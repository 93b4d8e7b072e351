#include "policy/address_set.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adit::policy {
namespace {

std::vector<ip_prefix> prefixes(std::initializer_list<std::string_view> all) {
    std::vector<ip_prefix> out;
    for (const auto one : all) out.push_back(parse_prefix(one).value());
    return out;
}

TEST(address_set, holds_what_its_prefixes_hold) {
    const address_set set(prefixes(
        {"10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "192.0.2.77/29", "2001:db8::/32", "::1", "11.0.0.0/8"}
    ));
    const std::pair<std::string_view, bool> rows[]{
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"9.255.255.255", false},
        {"11.2.3.4", true},
        {"12.0.0.0", false},
        {"192.0.2.7", true},
        {"192.0.2.6", false},
        {"192.0.2.8", false},
        {"192.0.2.72", true},
        {"192.0.2.79", true},
        {"192.0.2.80", false},
        {"2001:db8:1::", true},
        {"2001:db9::", false},
        {"::1", true},
        {"::2", false},
        {"::ffff:10.0.0.1", true},
        {"255.255.255.255", false},
    };
    for (const auto& [text, wanted] : rows) EXPECT_EQ(set.contains(parse_ip(text).value()), wanted) << text;
}

TEST(address_set, may_be_empty_or_everything) {
    EXPECT_FALSE(address_set{}.contains(parse_ip("10.0.0.1").value()));
    const address_set v4(prefixes({"0.0.0.0/0"}));
    EXPECT_TRUE(v4.contains(parse_ip("255.255.255.255").value()));
    EXPECT_FALSE(v4.contains(parse_ip("2001:db8::1").value()));
    EXPECT_TRUE(address_set(prefixes({"::/0"})).contains(parse_ip("10.0.0.1").value()));
}

TEST(access_list, looks_at_deny_before_allow) {
    const auto admits = [](const access_list& list, std::string_view who) {
        return list.admits(parse_ip(who).value());
    };
    const access_list both{address_set(prefixes({"10.0.0.0/8"})), address_set(prefixes({"10.1.0.0/16"}))};
    EXPECT_TRUE(admits(both, "10.0.0.1"));
    EXPECT_FALSE(admits(both, "10.1.0.1"));
    EXPECT_FALSE(admits(both, "192.0.2.1"));
    const access_list denied{{}, address_set(prefixes({"10.1.0.0/16"}))};
    EXPECT_TRUE(admits(denied, "192.0.2.1"));
    EXPECT_FALSE(admits(denied, "10.1.2.3"));
    EXPECT_TRUE(admits(access_list{}, "192.0.2.1"));
}

} // namespace
} // namespace adit::policy
