#include "net/proxy_line.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::net {
namespace {

using verdict = proxy_line::verdict;

std::string second(std::uint8_t command, std::uint8_t family, const std::string& rest) {
    std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
    out += static_cast<char>(command);
    out += static_cast<char>(family);
    out += static_cast<char>(rest.size() >> 8);
    out += static_cast<char>(rest.size() & 255);
    return out + rest;
}

const std::string
    v4("\xc0\x00\x02\x07\xc6\x33\x64\x01\xdc\x04\x01\xbb", 12); // 192.0.2.7:56324, 198.51.100.1:443

TEST(a_proxy_line, of_version_1_names_the_client) {
    const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n";
    const auto got = read_proxy_line(line + "GET /");
    EXPECT_EQ(got.found, verdict::done);
    EXPECT_EQ(got.size, line.size());
    ASSERT_TRUE(got.client);
    EXPECT_EQ(format_ip(*got.client), "192.0.2.7");
    EXPECT_EQ(got.client_port, 56324);
    const auto six = read_proxy_line("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n");
    EXPECT_EQ(six.found, verdict::done);
    EXPECT_EQ(format_ip(six.client.value()), "2001:db8::7");
}

TEST(a_proxy_line, may_say_that_it_does_not_know) {
    for (const std::string line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN whatever stands here\r\n"}) {
        const auto got = read_proxy_line(line);
        EXPECT_EQ(got.found, verdict::done) << line;
        EXPECT_EQ(got.size, line.size()) << line;
        EXPECT_FALSE(got.client) << line;
    }
}

TEST(a_proxy_line, of_version_2_names_the_client) {
    const auto whole = second(0x21, 0x11, v4);
    const auto got = read_proxy_line(whole + "GET");
    EXPECT_EQ(got.found, verdict::done);
    EXPECT_EQ(got.size, whole.size());
    EXPECT_EQ(format_ip(got.client.value()), "192.0.2.7");
    EXPECT_EQ(got.client_port, 56324);
    std::string address(36, '\0');
    address[0] = '\x20', address[1] = '\x01', address[15] = '\x09';
    const auto six = read_proxy_line(second(0x21, 0x21, address));
    EXPECT_EQ(format_ip(six.client.value()), "2001::9");
}

TEST(a_proxy_line, of_version_2_may_go_on_with_what_is_not_looked_at) {
    const auto whole = second(0x21, 0x11, v4 + std::string(1000, 'x'));
    EXPECT_EQ(read_proxy_line(whole).size, whole.size());
    const auto part = read_proxy_line(std::string_view(whole).substr(0, 60)); // the rest is on its way
    EXPECT_EQ(part.found, verdict::done);
    EXPECT_EQ(part.size, whole.size());
    EXPECT_EQ(format_ip(part.client.value()), "192.0.2.7");
}

TEST(a_proxy_line, of_version_2_may_be_the_balancers_own) {
    for (const auto& line :
         {second(0x20, 0x00, ""), second(0x20, 0x11, v4), second(0x21, 0x00, ""),
          second(0x21, 0x31, std::string(216, 'u'))}) {
        const auto got = read_proxy_line(line);
        EXPECT_EQ(got.found, verdict::done);
        EXPECT_EQ(got.size, line.size());
        EXPECT_FALSE(got.client);
    }
}

TEST(a_proxy_line, is_awaited_byte_by_byte) {
    for (const auto& line :
         {std::string("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n"), second(0x21, 0x11, v4)}) {
        for (std::size_t size = 0; size < line.size(); ++size)
            EXPECT_EQ(read_proxy_line(line.substr(0, size)).found, verdict::more) << size;
        EXPECT_EQ(read_proxy_line(line).found, verdict::done);
    }
}

TEST(a_proxy_line, is_told_from_everything_else) {
    for (const std::string other :
         {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "PROPFIND / HTTP/1.1\r\n", "\r\nGET", "proxy TCP4"})
        EXPECT_EQ(read_proxy_line(other).found, verdict::absent) << other;
}

TEST(a_proxy_line, that_is_wrong_is_refused) {
    const std::string cases[]{
        "PROXY \r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 x\r\n",
        "PROXY TCP4  192.0.2.7 198.51.100.1 56324 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n",
        "PROXY TCP4 192.0.2.700 198.51.100.1 56324 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 01 443\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        "PROXY UDP4 192.0.2.7 198.51.100.1 56324 443\r\n",
        "PROXY UNKNOWN " + std::string(120, 'x'),
        "PROXY TCP4 " + std::string(100, ' '),
        second(0x11, 0x11, v4),                          // version 1 in the clothes of version 2
        second(0x22, 0x11, v4),                          // no such command
        second(0x21, 0x11, v4.substr(0, 8)),             // addresses without ports
        second(0x21, 0x21, v4),                          // too short for IPv6
        second(0x21, 0x11, v4 + std::string(5000, 'x')), // longer than anybody needs
    };
    for (const auto& one : cases) EXPECT_EQ(read_proxy_line(one).found, verdict::malformed) << one;
}

} // namespace
} // namespace adit::net
