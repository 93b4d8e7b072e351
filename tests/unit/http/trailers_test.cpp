#include "http/trailers.hpp"

#include "http/scanner.hpp"

#include <gtest/gtest.h>

namespace adit::http {
namespace {

TEST(trailers, must_not_frame_route_or_authenticate) {
    for (const std::string_view name :
         {"Content-Length",
          "transfer-encoding",
          "Host",
          "TE",
          "Trailer",
          "Connection",
          "Upgrade",
          "Authorization",
          "Proxy-Authorization",
          "Cookie",
          "Set-Cookie",
          "WWW-Authenticate",
          "Authentication-Info",
          "Content-Type",
          "Content-Encoding",
          "Content-Range",
          "Cache-Control",
          "Expect",
          "Max-Forwards",
          "Pragma",
          "Range",
          "If-Match",
          "If-None-Match",
          "If-Modified-Since",
          "If-Unmodified-Since",
          "If-Range",
          "Vary",
          "Age",
          "Expires",
          "Date",
          "Location",
          "Retry-After",
          "X-Forwarded-For",
          "X-Forwarded-User",
          "X-Original-URL",
          "X-Auth-Request-Email",
          "X-Real-IP",
          "X-Request-ID",
          "X-Version-Route",
          "X-Canary",
          "Forwarded",
          "Via",
          "X_Sum"})
        EXPECT_TRUE(forbidden_in_trailer(name)) << name;
    for (const std::string_view name :
         {"X-Sum", "Grpc-Status", "Server-Timing", "Digest", "ETag", "X-Forwarded", "X-Authority", "X"})
        EXPECT_FALSE(forbidden_in_trailer(name)) << name;
}

TEST(trailers, are_announced_as_far_as_they_may_come) {
    const std::pair<std::string_view, std::string_view> cases[]{
        {"", ""},
        {"Trailer: X-Sum\r\n", "Trailer: X-Sum\r\n"},
        {"Trailer: X-Sum,  Grpc-Status\r\nTrailer: Digest\r\n", "Trailer: X-Sum, Grpc-Status, Digest\r\n"},
        {"Trailer: Content-Length, X-Sum, Set-Cookie\r\n", "Trailer: X-Sum\r\n"},
        {"Trailer: Host\r\n", ""},
        {"Trailer: a b, , \"x\", X-Sum\r\n", "Trailer: X-Sum\r\n"},
    };
    for (const auto& [fields, wanted] : cases) {
        const auto bytes = "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
        response_head head;
        head_scanner scanner;
        ASSERT_EQ(scanner.scan(head, bytes, {}), progress::done);
        char room[256];
        writer out{room, sizeof room};
        announce_trailers(out, head);
        EXPECT_EQ(out.text(), wanted);
    }
}

// A head that outlives its message keeps what it had in no more room than that, and can be used again.
TEST(heads, can_be_shrunk_and_used_again) {
    std::string many = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 100; ++i) many += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
    many += "\r\n";
    const std::string few = "HTTP/1.1 200 OK\r\nDate: now\r\nX-A: 1\r\n\r\n",
                      none = "HTTP/1.1 200 OK\r\n\r\n";
    response_head head;
    for (const auto& bytes : {few, many, none, many, few}) {
        head_scanner scanner;
        head.clear();
        ASSERT_EQ(scanner.scan(head, bytes, {}), progress::done);
        const auto count = head.fields().size();
        head.shrink();
        ASSERT_EQ(head.fields().size(), count);
        for (const auto& f : head.fields()) EXPECT_FALSE(head.name(f).empty());
        EXPECT_EQ(head.has(field_id::date), bytes == few);
        if (bytes == many) {
            EXPECT_EQ(head.value(head.fields()[99]), "99");
        }
    }
}

} // namespace
} // namespace adit::http
