// Where messages end: one decision, by RFC 9112 §6.3, with everything doubtful refused.
#include "http/framing.hpp"

#include "unit/http/delivery.hpp"

namespace adit::http {

namespace {

constexpr auto none = body_kind::none;
constexpr auto length = body_kind::length;
constexpr auto chunked = body_kind::chunked;
constexpr auto until_close = body_kind::until_close;

struct request_row {
    std::string fields;
    refusal reason = refusal::none;
    body_kind kind = none;
    std::uint64_t size = 0;
    std::string version = "1.1";
};

const std::vector<request_row> requests{
    {""},
    {"Content-Length: 0\r\n"},
    {"Content-Length: 5\r\n", refusal::none, length, 5},
    {"Content-Length: 5\r\n", refusal::none, length, 5, "1.0"},
    {"content-length:\t005 \r\n", refusal::none, length, 5},
    {"Content-Length: 18446744073709551615\r\n", refusal::none, length, 18446744073709551615ULL},
    // equal repeats count once
    {"Content-Length: 5\r\nContent-Length: 5\r\n", refusal::none, length, 5},
    {"Content-Length: 5, 5\r\n", refusal::none, length, 5},
    {"Content-Length: 5,5\t, 5\r\nX: y\r\nCONTENT-LENGTH: 5\r\n", refusal::none, length, 5},
    {"Content-Length: 0, 0\r\n"},
    // no number, no one number
    {"Content-Length:\r\n", refusal::bad_content_length},
    {"Content-Length: ,\r\n", refusal::bad_content_length},
    {"Content-Length: 5,\r\n", refusal::bad_content_length},
    {"Content-Length: ,5\r\n", refusal::bad_content_length},
    {"Content-Length: 5,,5\r\n", refusal::bad_content_length},
    {"Content-Length: 5, 6\r\n", refusal::bad_content_length},
    {"Content-Length: 5\r\nContent-Length: 6\r\n", refusal::bad_content_length},
    {"Content-Length: 6\r\nContent-Length: 5\r\nContent-Length: 6\r\n", refusal::bad_content_length},
    {"Content-Length: 5\r\nContent-Length:\r\n", refusal::bad_content_length},
    {"Content-Length: 0\r\nContent-Length: 5\r\n", refusal::bad_content_length},
    {"Content-Length: +5\r\n", refusal::bad_content_length},
    {"Content-Length: -5\r\n", refusal::bad_content_length},
    {"Content-Length: 5.0\r\n", refusal::bad_content_length},
    {"Content-Length: 5 5\r\n", refusal::bad_content_length},
    {"Content-Length: 5;x\r\n", refusal::bad_content_length},
    {"Content-Length: 0x5\r\n", refusal::bad_content_length},
    {"Content-Length: 5e1\r\n", refusal::bad_content_length},
    {"Content-Length: \"5\"\r\n", refusal::bad_content_length},
    {"Content-Length: \xd9\xa5\r\n", refusal::bad_content_length},
    {"Content-Length: 18446744073709551616\r\n", refusal::bad_content_length},
    {"Content-Length: 99999999999999999999999999\r\n", refusal::bad_content_length},
    // chunked, and nothing else
    {"Transfer-Encoding: chunked\r\n", refusal::none, chunked},
    {"transfer-encoding:  ChUnKeD\t\r\n", refusal::none, chunked},
    {"Transfer-Encoding:\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: xchunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunkedx\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunke\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: identity\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: gzip\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: gzip, chunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked, gzip\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked, identity\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked, chunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked,\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: , chunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked;q=1\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: \"chunked\"\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chun ked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", refusal::bad_transfer_encoding},
    {"Transfer-Encoding: chunked\r\n", refusal::encoding_in_http10, none, 0, "1.0"},
    {"Transfer-Encoding: gzip\r\n", refusal::encoding_in_http10, none, 0, "1.0"},
    // both
    {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", refusal::length_and_encoding},
    {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", refusal::length_and_encoding},
    {"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", refusal::length_and_encoding},
    {"Transfer-Encoding: chunked\r\nContent-Length: x\r\n", refusal::length_and_encoding},
    {"Transfer-Encoding: identity\r\nContent-Length: 5\r\n", refusal::length_and_encoding},
    {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", refusal::length_and_encoding, none, 0, "1.0"},
    // look-alikes frame nothing
    {"Transfer_Encoding: chunked\r\nContent_Length: 5\r\nX-Content-Length: 5\r\nContent-Lengt: 5\r\n"},
};

TEST(framing, of_requests) {
    for (const auto& row : requests)
        for (const auto* verb : {"GET", "POST", "DELETE", "OWN"}) {
            SCOPED_TRACE(row.fields + verb);
            const scanned<request_head> one{
                std::string(verb) + " / HTTP/" + row.version + "\r\nHost: a\r\n" + row.fields + "\r\n"};
            const auto got = request_framing(one.head);
            EXPECT_EQ(traits(got.reason).word, traits(row.reason).word);
            EXPECT_EQ(got.kind, row.kind);
            EXPECT_EQ(got.length, row.size);
            EXPECT_EQ(traits(got.reason).closes, got.reason != refusal::none);
        }
}

struct response_row {
    std::string status;
    std::string fields;
    body_kind kind = none;
    std::uint64_t size = 0;
    bool has_length = false;
    method verb = method::get;
    std::string version = "1.1";
};

const std::vector<response_row> responses{
    {"200", "", until_close},
    {"200", "", until_close, 0, false, method::get, "1.0"},
    {"500", "", until_close},
    {"200", "Content-Length: 0\r\n", none, 0, true},
    {"200", "Content-Length: 7\r\n", length, 7, true},
    {"200", "Content-Length: 7, 7\r\nContent-Length: 7\r\n", length, 7, true},
    {"200", "Content-Length: 7\r\n", length, 7, true, method::get, "1.0"},
    {"200", "Transfer-Encoding: Chunked\r\n", chunked},
    {"404", "Transfer-Encoding: chunked\r\n", chunked, 0, false, method::post},
    {"206", "Content-Length: 7\r\n", length, 7, true, method::options},
    // no body, whatever is said of it
    {"204", "", none},
    {"204", "Content-Length: 7\r\n", none, 7, true},
    {"204", "Transfer-Encoding: chunked\r\n", none},
    {"304", "Content-Length: 7\r\n", none, 7, true},
    {"304", "", none},
    {"100", "", none},
    {"103", "Content-Length: 7\r\n", none, 7, true},
    {"101", "", none},
    {"200", "", none, 0, false, method::head},
    {"200", "Content-Length: 7\r\n", none, 7, true, method::head},
    {"200", "Transfer-Encoding: chunked\r\n", none, 0, false, method::head},
};

TEST(framing, of_responses) {
    for (const auto& row : responses) {
        SCOPED_TRACE(row.status + "\n" + row.fields);
        const scanned<response_head> one{
            "HTTP/" + row.version + " " + row.status + " X\r\n" + row.fields + "\r\n"};
        const auto got = response_framing(one.head, row.verb);
        EXPECT_EQ(got.reason, refusal::none);
        EXPECT_EQ(got.kind, row.kind);
        EXPECT_EQ(got.length, row.size);
        EXPECT_EQ(got.has_length, row.has_length);
    }
}

TEST(framing, of_responses_is_as_strict_as_of_requests) {
    for (const auto& row : requests) {
        if (row.reason == refusal::none) continue;
        for (const auto* status : {"200", "204", "304", "100"})
            for (const auto verb : {method::get, method::head}) {
                SCOPED_TRACE(row.fields + status);
                const scanned<response_head> one{
                    "HTTP/" + row.version + " " + status + " X\r\n" + row.fields + "\r\n"};
                EXPECT_EQ(response_framing(one.head, verb).reason, refusal::bad_response);
            }
    }
}

TEST(authority, valid) {
    for (const auto* text :
         {"a", "a.test", "A.Test", "a.test.", "a-b_c~d", "127.0.0.1", "a:80", "a:", "a:0", "a:65535",
          "a:00080", "[::1]", "[::1]:8080", "[2001:DB8::a]:", "[::ffff:1.2.3.4]", "xn--bcher-kva.test",
          "a%20b", "%e4", "!$&'()*+;="})
        EXPECT_TRUE(valid_authority(text)) << text;
}

TEST(authority, not_valid) {
    for (const auto* text :
         {"",
          ":",
          ":80",
          "a b",
          " a",
          "a ",
          "a/b",
          "a/",
          "a?b",
          "a#b",
          "a@b",
          "u:p@a",
          "a\\b",
          "a\"b",
          "a<b",
          "a|b",
          "a^b",
          "a`b",
          "a{b}",
          "a:80:80",
          "a:x",
          "a:+80",
          "a:-1",
          "a:65536",
          "a:99999",
          "a:100000",
          "a:000080",
          "a:8 0",
          "::1",
          "1::1",
          "[::1",
          "::1]",
          "[]",
          "[:]",
          "[a]",
          "[1.2.3.4]",
          "[::1]x",
          "[::1]80",
          "[[::1]]",
          "[::g]",
          "[:::]",
          "[1:2]",
          "[::1%25eth0]",
          "[v1.x]",
          "a[b]",
          "a]",
          "caf\xc3\xa9",
          "a\tb",
          "a%",
          "a%4",
          "a%zz",
          "%2",
          "[1:2:3:4:5:6:7:8:9]",
          "[::12345]",
          "[....]"})
        EXPECT_FALSE(valid_authority(text)) << text;
    EXPECT_FALSE(valid_authority(std::string_view("a\0b", 3)));
    EXPECT_FALSE(valid_authority(std::string_view("[::1\0]", 6)));
}

TEST(authority, what_is_asked_of_a_request) {
    const std::vector<std::pair<std::string, refusal>> rows{
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", refusal::none},
        {"GET / HTTP/1.0\r\nHost: a\r\n\r\n", refusal::none},
        {"GET / HTTP/1.0\r\n\r\n", refusal::none},
        {"OWN / HTTP/1.1\r\nHost: a\r\n\r\n", refusal::none},
        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", refusal::none},
        {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::none},
        {"GET http://b/ HTTP/1.0\r\n\r\n", refusal::none},
        {"GET / HTTP/1.1\r\n\r\n", refusal::missing_host},
        {"GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", refusal::missing_host},
        {"GET http://b/ HTTP/1.1\r\n\r\n", refusal::missing_host},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", refusal::bad_host},
        {"GET / HTTP/1.0\r\nHost:\r\n\r\n", refusal::bad_host},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", refusal::bad_host},
        {"GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", refusal::bad_host},
        {"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_host},
        {"GET http://b/ HTTP/1.1\r\nHost: a/\r\n\r\n", refusal::bad_host},
        {"GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_host},
        {"GET http://b:x/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_host},
        {"GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_host},
        {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", refusal::method_not_allowed},
        {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", refusal::method_not_allowed},
    };
    for (const auto& [bytes, reason] : rows) {
        const scanned<request_head> one{bytes};
        EXPECT_EQ(traits(check_request(one.head)).word, traits(reason).word) << bytes;
    }
}

} // namespace

} // namespace adit::http
