// Answers of Adit's own that refuse nothing.
#include "http/local_answer.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::http {
namespace {

template <class Write>
std::string written(Write&& write) {
    char room[2048];
    writer out{room, sizeof room};
    write(out);
    return std::string(out.text());
}

constexpr answer_context context{
    .date = "Sun, 06 Nov 1994 08:49:37 GMT", .request_id = "id", .more = "X-More: m\r\n"};

TEST(local_answer, redirects) {
    EXPECT_EQ(
        written([](writer& out) { write_redirect(out, 308, "https://a.test/b", context); }),
        "HTTP/1.1 308 Permanent Redirect\r\nServer: adit\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "X-Request-ID: id\r\nLocation: https://a.test/b\r\nContent-Length: 0\r\nX-More: m\r\n\r\n"
    );
}

// RFC 9110 §8.6: no Content-Length in a 204.
TEST(local_answer, has_nothing_to_say) {
    EXPECT_EQ(
        written([](writer& out) { write_no_content(out, context); }),
        "HTTP/1.1 204 No Content\r\nServer: adit\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "X-Request-ID: id\r\nX-More: m\r\n\r\n"
    );
}

TEST(local_answer, says_when_to_come_again) {
    const auto answer = [](refusal reason, std::uint32_t seconds) {
        auto told = context;
        told.retry_after = seconds;
        return written([&](writer& out) { write_refusal(out, reason, told); });
    };
    EXPECT_NE(answer(refusal::rate_limited, 7).find("\r\nRetry-After: 7\r\n"), std::string::npos);
    EXPECT_NE(answer(refusal::rate_limited, 0).find("\r\nRetry-After: 1\r\n"), std::string::npos);
    EXPECT_NE(answer(refusal::no_endpoint, 0).find("\r\nRetry-After: 1\r\n"), std::string::npos);
    EXPECT_EQ(answer(refusal::access_denied, 7).find("Retry-After"), std::string::npos);
    EXPECT_NE(answer(refusal::access_denied, 0).find("\r\nX-More: m\r\n"), std::string::npos);
}

} // namespace
} // namespace adit::http
