#include "core/ip.hpp"

#include <gtest/gtest.h>

namespace adit {
namespace {

TEST(ip, text_comes_back) {
    for (const auto* text :
         {"10.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "::", "fd00::1:2", "2001:db8::ff00:42:8329"}) {
        const auto address = parse_ip(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(format_ip(*address), text);
    }
    EXPECT_EQ(format_ip(*parse_ip("2001:DB8:0:0:0:0:0:1")), "2001:db8::1");
}

TEST(ip, writes_octets_of_any_length) {
    for (const auto* text :
         {"0.0.0.0", "255.255.255.255", "9.10.99.100", "101.109.110.199", "200.205.249.250", "1.20.0.3"})
        EXPECT_EQ(format_ip(*parse_ip(text)), text);
}

TEST(ip, refuses_what_is_no_address) {
    for (const auto* text :
         {"", "10.0.0", "10.0.0.256", "10.0.0.1:80", "[::1]", "::1%eth0", "fe80::1::2", "localhost",
          " 10.0.0.1", "10.0.0.1 ", "0x7f.1", "1.2.3.4.5",
          "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"})
        EXPECT_FALSE(parse_ip(text)) << text;
    EXPECT_FALSE(parse_ip(std::string_view("10.0.0.1\0x", 10)));
}

TEST(ip, mapped_and_dotted_are_one) {
    EXPECT_EQ(parse_ip("::ffff:10.0.0.1"), parse_ip("10.0.0.1"));
    EXPECT_TRUE(parse_ip("10.0.0.1")->is_v4());
    EXPECT_FALSE(parse_ip("fd00::1")->is_v4());
    EXPECT_EQ(format_ip(ip_address::v4({192, 168, 1, 2})), "192.168.1.2");
}

TEST(ip, loopback) {
    for (const auto* text : {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(parse_ip(text)->is_loopback()) << text;
    for (const auto* text : {"10.0.0.1", "::", "::2", "fd00::1", "128.0.0.1"})
        EXPECT_FALSE(parse_ip(text)->is_loopback()) << text;
}

TEST(ip, prefixes_contain) {
    const struct {
        const char* prefix;
        const char* address;
        bool inside;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.1.2.3/8", "10.9.9.9", true},
        {"192.168.4.0/22", "192.168.7.255", true},
        {"192.168.4.0/22", "192.168.8.0", false},
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "fd00::1", false},
        {"::/0", "203.0.113.9", true},
        {"fd00::/8", "fdff::1", true},
        {"fd00::/8", "fe00::1", false},
        {"fd00::/9", "fd80::1", false},
        {"10.0.0.0/31", "10.0.0.1", true},
        {"10.0.0.0/31", "10.0.0.2", false},
        {"2001:db8::/127", "2001:db8::1", true},
    };
    for (const auto& one : cases)
        EXPECT_EQ(parse_prefix(one.prefix)->contains(*parse_ip(one.address)), one.inside)
            << one.address << " in " << one.prefix;
}

TEST(ip, refuses_what_is_no_prefix) {
    for (const auto* text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/129", "10.0.0.0/ 8",
          "a/8"})
        EXPECT_FALSE(parse_prefix(text)) << text;
}

} // namespace
} // namespace adit
