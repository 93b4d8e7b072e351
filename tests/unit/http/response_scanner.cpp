// Response heads: as strict as requests, with one reason for all that is wrong.
#include "unit/http/delivery.hpp"

namespace adit::http {

namespace {

using namespace std::string_literals;

TEST(response_scanner, indexes_what_it_accepts) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"HTTP/1.1 200 OK\r\n\r\n", "1.1 200 'OK'\n"},
        {"HTTP/1.0 404 Not Found\r\n\r\n", "1.0 404 'Not Found'\n"},
        {"HTTP/1.1 200 \r\n\r\n", "1.1 200 ''\n"},
        {"HTTP/1.1 200\r\n\r\n", "1.1 200 ''\n"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "1.1 100 'Continue'\n"},
        {"HTTP/1.1 599 x\r\n\r\n", "1.1 599 'x'\n"},
        {"HTTP/1.7 299 caf\xc3\xa9\tbar\r\n\r\n", "1.1 299 'caf\xc3\xa9\tbar'\n"},
        {"HTTP/1.1 200  OK\r\n\r\n", "1.1 200 ' OK'\n"},
        {response_with("Content-Length: 3\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nX:\r\n"),
         "1.1 200 'OK'\nContent-Length=3 (Content-Length)\nSet-Cookie=a (Set-Cookie)\n"
         "Set-Cookie=b (Set-Cookie)\nX=\n"},
    };
    for (const auto& [bytes, index] : rows) {
        SCOPED_TRACE(bytes);
        const auto got = deliver_all_ways<response_head>(bytes);
        EXPECT_EQ(got.what, progress::done);
        EXPECT_EQ(got.index, index);
        EXPECT_EQ(deliver<response_head>(bytes, every_byte(bytes.size()), {}).given, bytes.size());
    }
}

TEST(response_scanner, refuses_with_one_reason) {
    const std::vector<std::string> rows{
        "\r\nHTTP/1.1 200 OK\r\n\r\n", // empty lines are forgiven ahead of requests only
        "HTTP/1.1 200 OK\n\n",           "HTTP/1.1 20 OK\r\n\r\n",     "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",        "HTTP/1.1 200\tOK\r\n\r\n",   "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n",      "HTTP/1.1 +20 OK\r\n\r\n",    "HTTP/1.1 -20 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",       "HTTP/1.1 099 OK\r\n\r\n",    "HTTP/1.1 000 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",       "HTTP/1.1 999 OK\r\n\r\n",    "HTTP/1.1\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",       "HTTP/0.9 200 OK\r\n\r\n",    "HTTP/1. 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",       "ICY 200 OK\r\n\r\n",         "<html>hello</html>\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n"s,    "HTTP/1.1 200 O\rK\r\n\r\n",  "HTTP/1.1 200 O\x7fK\r\n\r\n",
        response_with("X : a\r\n"),      response_with("X\r\n"),       response_with(": a\r\n"),
        response_with("X: a\r\n b\r\n"), response_with(" X: a\r\n"),   response_with("X: a\0b\r\n"s),
        response_with("X: a\rb\r\n"),    response_with("X: a\nb\r\n"), response_with("X(: a\r\n"),
    };
    for (const auto& bytes : rows) {
        SCOPED_TRACE(bytes);
        const auto got = deliver_all_ways<response_head>(bytes);
        EXPECT_EQ(got.what, progress::refused) << got.index;
        EXPECT_EQ(got.reason, refusal::bad_response);
    }
}

TEST(response_scanner, starts_at_the_first_byte) {
    response_head head;
    head.clear();
    head_scanner scanner;
    EXPECT_EQ(scanner.scan(head, "", head_limits{}), progress::more);
    EXPECT_FALSE(scanner.started());
    EXPECT_EQ(scanner.scan(head, "H", head_limits{}), progress::more);
    EXPECT_TRUE(scanner.started());
}

// Request fields with a meaning of their own mean nothing here.
TEST(response_scanner, has_no_opinion_of_host) {
    EXPECT_EQ(deliver_whole<response_head>(response_with("Host: a\r\nHost: b\r\n")).what, progress::done);
}

} // namespace

} // namespace adit::http
