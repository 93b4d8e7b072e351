#include "proxy/trust.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adit::proxy {
namespace {

using tests::request;

std::vector<ip_prefix> prefixes(std::initializer_list<const char*> texts) {
    std::vector<ip_prefix> out;
    for (const auto* text : texts) out.push_back(*parse_prefix(text));
    return out;
}

struct row {
    const char* what;
    const char* peer;
    request::field_list fields;
    const char* expected;
};

class client_address_of : public testing::TestWithParam<row> {};

TEST_P(client_address_of, a_request) {
    const auto& one = GetParam();
    const auto trusted = prefixes({"10.0.0.0/8", "fd00::/8"});
    const request asked("/", one.fields);
    EXPECT_EQ(client_address(asked.head(), *parse_ip(one.peer), trusted), *parse_ip(one.expected));
}

constexpr const char* list = "X-Forwarded-For";

INSTANTIATE_TEST_SUITE_P(
    trust, client_address_of,
    testing::Values(
        row{"a_stranger_is_who_it_is", "192.0.2.1", {{list, "198.51.100.7"}}, "192.0.2.1"},
        row{"a_proxy_that_says_nothing", "10.0.0.1", {}, "10.0.0.1"},
        row{"a_proxy_that_tells", "10.0.0.1", {{list, "198.51.100.7"}}, "198.51.100.7"},
        row{"the_last_that_is_not_trusted", "10.0.0.1", {{list, "1.1.1.1, 198.51.100.7"}}, "198.51.100.7"},
        row{"through_several_proxies",
            "10.0.0.1",
            {{list, "198.51.100.7, 10.2.2.2 ,10.3.3.3"}},
            "198.51.100.7"},
        row{"all_trusted", "10.0.0.1", {{list, "10.1.1.1, 10.2.2.2"}}, "10.1.1.1"},
        row{"over_several_lines", "10.0.0.1", {{list, "1.1.1.1, 2.2.2.2"}, {list, "10.3.3.3"}}, "2.2.2.2"},
        row{"rubbish_ends_it", "10.0.0.1", {{list, "1.1.1.1, unknown, 10.3.3.3"}}, "10.3.3.3"},
        row{"an_empty_list", "10.0.0.1", {{list, ""}}, "10.0.0.1"},
        row{"an_empty_element_ends_it", "10.0.0.1", {{list, "1.1.1.1,"}}, "10.0.0.1"},
        row{"the_other_family", "fd00::1", {{list, "2001:db8::7"}}, "2001:db8::7"}
    ),
    [](const auto& one) { return one.param.what; }
);

std::string left(http::request_head& head) {
    std::string out;
    for (const auto& f : head.fields())
        if (!f.dropped) out.append(head.name(f)).append(" ");
    return out;
}

TEST(drop_unbelieved, takes_from_strangers_what_speaks_for_others) {
    request asked(
        "/", {{"Host", "a"},
              {"X-Forwarded-For", "1.1.1.1"},
              {"Forwarded", "for=1.1.1.1"},
              {"X-Real-IP", "1.1.1.1"},
              {"X-Forwarded-Proto", "https"},
              {"X-Forwarded-Host", "b"},
              {"X-Forwarded-Port", "1"},
              {"X-Other", "c"}}
    );
    EXPECT_EQ(drop_unbelieved(asked.head(), true, false), 0u);
    EXPECT_EQ(
        left(asked.head()), "Host X-Forwarded-For Forwarded X-Real-IP X-Forwarded-Proto X-Forwarded-Host "
                            "X-Forwarded-Port X-Other "
    );
    EXPECT_EQ(drop_unbelieved(asked.head(), false, false), 0u);
    EXPECT_EQ(left(asked.head()), "Host X-Other ");
}

// Many an application takes X_Real_IP for X-Real-IP.
TEST(drop_unbelieved, counts_names_with_underscores_unless_they_are_kept) {
    request asked("/", {{"Host", "a"}, {"X_Real_IP", "1.1.1.1"}, {"_", "b"}, {"X-Other", "c"}});
    EXPECT_EQ(drop_unbelieved(asked.head(), true, true), 0u);
    EXPECT_EQ(left(asked.head()), "Host X_Real_IP _ X-Other ");
    EXPECT_EQ(drop_unbelieved(asked.head(), true, false), 2u);
    EXPECT_EQ(left(asked.head()), "Host X-Other ");
}

} // namespace
} // namespace adit::proxy
