#include "cli/listen_fds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace adit::cli {
namespace {

using enum listen_for;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<listen_for> read(const char* fds, const char* names) {
    std::string why;
    const auto out = read_listen_environment({fds, "77", names}, 77, why);
    EXPECT_TRUE(out) << why;
    return out.value_or(std::vector<listen_for>{});
}

TEST(listen_fds, are_named) {
    EXPECT_THAT(read("1", nullptr), ElementsAre(http));
    EXPECT_THAT(read("3", ""), ElementsAre(http, http, http));
    EXPECT_THAT(read("4", "http:https:admin:status"), ElementsAre(http, https, admin, status));
    EXPECT_THAT(read("3", "status::status"), ElementsAre(status, http, status));
    EXPECT_THAT(read("3", "unknown:adit.socket"), ElementsAre(http, http, http));
    EXPECT_THAT(read("1", "http:https"), ElementsAre(http)) << "names of nothing do no harm";
}

TEST(listen_fds, are_refused_with_a_reason) {
    const struct {
        listen_environment from;
        const char* why;
    } cases[]{
        {{nullptr, "77", nullptr}, "LISTEN_FDS is not set"},
        {{"1", nullptr, nullptr}, "LISTEN_PID is not set and this is process 77"},
        {{"1", "78", nullptr}, "LISTEN_PID is \"78\""},
        {{"1", "", nullptr}, "LISTEN_PID is \"\""},
        {{"0", "77", nullptr}, "LISTEN_FDS is \"0\""},
        {{"-1", "77", nullptr}, "LISTEN_FDS is \"-1\""},
        {{"4097", "77", nullptr}, "LISTEN_FDS is \"4097\""},
        {{"two", "77", nullptr}, "LISTEN_FDS is \"two\""},
        {{"2", "77", "http:htps"}, "\"htps\": http, https, admin and status are known"},
    };
    for (const auto& one : cases) {
        std::string why;
        EXPECT_FALSE(read_listen_environment(one.from, 77, why)) << one.why;
        EXPECT_THAT(why, HasSubstr(one.why));
    }
}

TEST(listen_fds, are_grouped_by_purpose_and_address) {
    const net::tcp::endpoint one{net::tcp::v4(), 80}, two{net::tcp::v4(), 81};
    const std::vector<inherited_socket> all{{3, http, one}, {4, status, two}, {5, http, two}, {6, http, one}};
    const auto groups = group_sockets(all, http);
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].at, one);
    EXPECT_THAT(groups[0].descriptors, ElementsAre(3, 6));
    EXPECT_THAT(groups[1].descriptors, ElementsAre(5));
    EXPECT_TRUE(group_sockets(all, admin).empty());
}

} // namespace
} // namespace adit::cli
