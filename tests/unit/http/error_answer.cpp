#include "http/local_answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::http {
namespace {

template <class Write>
std::string written(Write&& write) {
    char room[4096];
    writer out(room, sizeof room);
    write(out);
    EXPECT_FALSE(out.overflowed());
    return std::string(out.text());
}

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(error_answer, names_a_status_that_has_no_reason) {
    const answer_context context{.date = date, .status = 404};
    EXPECT_EQ(
        written([&](auto& out) { write_error(out, context); }),
        "HTTP/1.1 404 Not Found\r\nServer: adit\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\nContent-Length: 14\r\n\r\n"
        "404 Not Found\n"
    );
    const answer_context head{.date = date, .without_body = true, .status = 404};
    EXPECT_TRUE(written([&](auto& out) { write_error(out, head); }).ends_with("Content-Length: 14\r\n\r\n"));
}

TEST(error_answer, announces_a_page) {
    const answer_context context{
        .date = date, .keep_alive = false, .status = 503, .fields = "WWW-Authenticate: Basic\r\n"};
    EXPECT_EQ(
        written([&](auto& out) { write_page_head(out, "text/html", 123'456, context); }),
        "HTTP/1.1 503 Service Unavailable\r\nServer: adit\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "WWW-Authenticate: Basic\r\nRetry-After: 1\r\nContent-Type: text/html\r\nCache-Control: no-store\r\n"
        "Content-Length: 123456\r\nConnection: close\r\n\r\n"
    );
}

TEST(error_answer, says_once_what_the_upstream_said_already) {
    const answer_context context{.date = date, .status = 503, .fields = "Retry-After: 7\r\n"};
    const auto text = written([&](auto& out) { write_page_head(out, "a/b", 0, context); });
    EXPECT_NE(text.find("Retry-After: 7\r\n"), std::string::npos);
    EXPECT_EQ(text.find("Retry-After: 1\r\n"), std::string::npos);
}

TEST(error_answer, says_when_to_come_again) {
    for (const std::uint16_t status : {std::uint16_t{429}, std::uint16_t{503}}) {
        const answer_context context{.date = date, .retry_after = 9, .status = status};
        const auto text = written([&](auto& out) { write_page_head(out, "a/b", 0, context); });
        EXPECT_NE(text.find("Retry-After: 9\r\n"), std::string::npos) << text;
    }
}

TEST(refusal_answer, may_have_another_status) {
    answer_context context{.date = date, .problem_json = true, .status = 500};
    const auto text = written([&](auto& out) { write_refusal(out, refusal::external_auth_failed, context); });
    EXPECT_TRUE(text.starts_with("HTTP/1.1 500 Internal Server Error\r\n")) << text;
    EXPECT_NE(text.find(R"("title":"Internal Server Error","status":500,)"), std::string::npos) << text;
    EXPECT_EQ(text.find("Retry-After"), std::string::npos);
    context.status = 0;
    EXPECT_TRUE(written([&](auto& out) { write_refusal(out, refusal::external_auth_failed, context); }
    ).starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
}

} // namespace
} // namespace adit::http
