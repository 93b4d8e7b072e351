// Request heads: bytes in, the exact index or the exact refusal out, whatever the delivery.
#include "unit/http/delivery.hpp"

namespace adit::http {

namespace {

using namespace std::string_literals;

struct accepted {
    std::string bytes;
    std::string index;
    std::uint32_t skipped = 0;
};

const std::vector<accepted> accepted_requests{
    {"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n",
     "GET [GET] / path=/ authority=a.test 1.1\nHost=a.test (Host)\n"},
    {"GET / HTTP/1.0\r\n\r\n", "GET [GET] / path=/ authority= 1.0\n"},
    // a minor version above ours is read as ours (RFC 9110 §2.5)
    {"GET / HTTP/1.9\r\nHost:a\r\n\r\n", "GET [GET] / path=/ authority=a 1.1\nHost=a (Host)\n"},
    {"get / HTTP/1.1\r\nHost: a\r\n\r\n", "get [other] / path=/ authority=a 1.1\nHost=a (Host)\n"},
    {"M-SEARCH!#$%&'*+-.^_`|~09 / HTTP/1.1\r\nhost: a\r\n\r\n",
     "M-SEARCH!#$%&'*+-.^_`|~09 [other] / path=/ authority=a 1.1\nhost=a (Host)\n"},
    // targets
    {"POST /a/b?c=d?e=/f HTTP/1.1\r\nHost: a\r\n\r\n",
     "POST [POST] /a/b?c=d?e=/f path=/a/b query=c=d?e=/f authority=a 1.1\nHost=a (Host)\n"},
    {"GET /? HTTP/1.1\r\nHost: a\r\n\r\n", "GET [GET] /? path=/ query= authority=a 1.1\nHost=a (Host)\n"},
    {"GET //x/../%2e%00\\\"<>^`{|} HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET [GET] //x/../%2e%00\\\"<>^`{|} path=//x/../%2e%00\\\"<>^`{|} authority=a 1.1\nHost=a (Host)\n"},
    {"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET [GET] /caf\xc3\xa9 path=/caf\xc3\xa9 authority=a 1.1\nHost=a (Host)\n"},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS [OPTIONS] * path=* authority=a 1.1\nHost=a (Host)\n"},
    {"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n",
     "CONNECT [CONNECT] a.test:443 path= authority=a.test:443 1.1\nHost=a.test:443 (Host)\n"},
    {"GET http://b.test:81/p?q HTTP/1.1\r\nHost: a.test\r\n\r\n",
     "GET [GET] http://b.test:81/p?q path=/p query=q authority=b.test:81 absolute 1.1\nHost=a.test (Host)\n"},
    {"GET HTTPS://B.test HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET [GET] HTTPS://B.test path= authority=B.test absolute 1.1\nHost=a (Host)\n"},
    {"GET http://b?q=/x HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET [GET] http://b?q=/x path= query=q=/x authority=b absolute 1.1\nHost=a (Host)\n"},
    {"GET /x?u=http://c/d HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET [GET] /x?u=http://c/d path=/x query=u=http://c/d authority=a 1.1\nHost=a (Host)\n"},
    // fields
    {request_with("A:1\r\nA: 2\r\nB:\t 3 4 \t\r\nC:\r\nD: \r\nE: a:b\r\n"),
     "GET [GET] / path=/ authority=a.test 1.1\nHost=a.test (Host)\nA=1\nA=2\nB=3 4\nC=\nD=\nE=a:b\n"},
    {request_with("cOnTeNt-LeNgTh: 0\r\nX_Under_score: 1\r\n"),
     "GET [GET] / path=/ authority=a.test 1.1\nHost=a.test (Host)\ncOnTeNt-LeNgTh=0 (Content-Length)\n"
     "X_Under_score=1\n"},
    {request_with("X: \x80\xff caf\xc3\xa9\r\nY: a\tb\r\n"),
     "GET [GET] / path=/ authority=a.test 1.1\nHost=a.test (Host)\nX=\x80\xff caf\xc3\xa9\nY=a\tb\n"},
    {request_with("!#$%&'*+-.^_`|~09aZ: v\r\n"),
     "GET [GET] / path=/ authority=a.test 1.1\nHost=a.test (Host)\n!#$%&'*+-.^_`|~09aZ=v\n"},
    // empty lines ahead of it (RFC 9112 §2.2), and bytes behind it that are none of its business
    {"\r\nGET / HTTP/1.0\r\n\r\n", "GET [GET] / path=/ authority= 1.0\n", 2},
    {"\r\n\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n", "GET [GET] / path=/ authority= 1.0\n", 8},
};

TEST(request_scanner, indexes_what_it_accepts) {
    for (const auto& row : accepted_requests) {
        SCOPED_TRACE(row.bytes);
        const auto got = deliver_all_ways<request_head>(row.bytes);
        EXPECT_EQ(got.what, progress::done) << traits(got.reason).word;
        EXPECT_EQ(got.index, row.index);
        EXPECT_EQ(got.skipped, row.skipped);
    }
}

TEST(request_scanner, is_not_done_a_byte_early) {
    for (const auto& row : accepted_requests) {
        SCOPED_TRACE(row.bytes);
        const auto got = deliver<request_head>(row.bytes, every_byte(row.bytes.size()), {});
        EXPECT_EQ(got.given, row.bytes.size());
    }
}

TEST(request_scanner, leaves_what_follows_alone) {
    for (const auto& tail : {"x"s, "\r\n"s, "\n"s, "\0"s, "GET / HTTP/1.1\r\n"s, std::string(70'000, 'y')}) {
        const auto bytes = request_with("A: b\r\n");
        const auto all = bytes + tail;
        request_head head;
        head.clear();
        head_scanner scanner;
        EXPECT_EQ(scanner.scan(head, all, head_limits{}), progress::done);
        EXPECT_EQ(head.size, bytes.size());
    }
}

struct refused {
    std::string bytes;
    http::refusal reason;
    bool early = false; // refused although more bytes might still come
};

const std::vector<refused> refused_requests{
    // request line
    {"GET\r\n\r\n", refusal::bad_request_line},
    {"GET /\r\n\r\n", refusal::bad_request_line},
    {"GET / \r\n\r\n", refusal::bad_version},
    {" GET / HTTP/1.1\r\n\r\n", refusal::bad_request_line},
    {"\tGET / HTTP/1.1\r\n\r\n", refusal::bad_request_line},
    {"GET  / HTTP/1.1\r\n\r\n", refusal::bad_request_line},
    {"GET /  HTTP/1.1\r\n\r\n", refusal::bad_version},
    {"GET / x HTTP/1.1\r\n\r\n", refusal::bad_version},
    {"GET\t/ HTTP/1.1\r\n\r\n", refusal::bad_method},
    {"GE(T / HTTP/1.1\r\n\r\n", refusal::bad_method},
    {"G\xc3\xa9T / HTTP/1.1\r\n\r\n", refusal::bad_method},
    {": / HTTP/1.1\r\n\r\n", refusal::bad_request_line},
    {"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", refusal::bad_request_line},
    // version
    {"GET / HTTP/1.1 \r\n\r\n", refusal::bad_version},
    {"GET / HTTP/1.1\t\r\n\r\n", refusal::bad_version},
    {"GET / http/1.1\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/11\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/1.\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/1.10\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/a.1\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/1,1\r\n\r\n", refusal::bad_version},
    {"GET / HTTPS/1.1\r\n\r\n", refusal::bad_version},
    {"GET / ICE/1.0\r\n\r\n", refusal::bad_version},
    {"GET / HTTP/0.9\r\n\r\n", refusal::unsupported_version},
    {"GET / HTTP/2.0\r\n\r\n", refusal::unsupported_version},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refusal::unsupported_version},
    // target
    {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"OPTIONS ** HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET ?x HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET ftp://b/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET http:/b/ HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET https://?q HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_target},
    {"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", refusal::fragment_in_target},
    {"GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n", refusal::fragment_in_target},
    {"GET http://b# HTTP/1.1\r\nHost: a\r\n\r\n", refusal::fragment_in_target},
    {"GET /a\x01 HTTP/1.1\r\nHost: a\r\n\r\n", refusal::control_character},
    {"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s, refusal::control_character},
    {"GET /a\x7f HTTP/1.1\r\nHost: a\r\n\r\n", refusal::control_character},
    // line ends
    {"GET / HTTP/1.1\nHost: a\n\n", refusal::bare_line_feed},
    {"\nGET / HTTP/1.1\r\n\r\n", refusal::bare_line_feed},
    {"\r\n\nGET / HTTP/1.1\r\n\r\n", refusal::bare_line_feed},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", refusal::bare_line_feed},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", refusal::bare_line_feed},
    {"\rGET / HTTP/1.1\r\n\r\n", refusal::bare_carriage_return},
    {"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", refusal::bare_carriage_return},
    {"GET / HTTP/1.1\rHost: a\r\n\r\n", refusal::bare_carriage_return},
    {request_with("X: a\rb\r\n"), refusal::bare_carriage_return},
    {request_with("X: a\r\r\n"), refusal::bare_carriage_return},
    {"GET / HTTP/1.1\r\nHost: a\r\n\rX", refusal::bare_carriage_return},
    // fields
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", refusal::folded_field},
    {request_with("X: a\r\n b\r\n"), refusal::folded_field},
    {request_with("X: a\r\n\tb\r\n"), refusal::folded_field},
    {request_with(" \r\n"), refusal::folded_field},
    {request_with("Transfer-Encoding:\r\n chunked\r\n"), refusal::folded_field},
    {request_with("X : a\r\n"), refusal::space_before_colon},
    {request_with("X\t: a\r\n"), refusal::space_before_colon},
    {request_with("Content-Length : 5\r\n"), refusal::space_before_colon},
    {request_with("X Y: a\r\n"), refusal::space_before_colon},
    {request_with("X\r\n"), refusal::missing_colon},
    {request_with("X Y\r\n"), refusal::missing_colon},
    {request_with(": a\r\n"), refusal::bad_field_name},
    {request_with(":\r\n"), refusal::bad_field_name},
    {request_with("X(Y): a\r\n"), refusal::bad_field_name},
    {request_with("\"X\": a\r\n"), refusal::bad_field_name},
    {request_with("X\x80: a\r\n"), refusal::bad_field_name},
    {request_with("X/Y: a\r\n"), refusal::bad_field_name},
    {request_with("X: a\0b\r\n"s), refusal::control_character},
    {request_with("X\0: b\r\n"s), refusal::control_character},
    {request_with("X: a\x0b\r\n"), refusal::control_character},
    {request_with("X: a\x1f\r\n"), refusal::control_character},
    {request_with("X: a\x7f\r\n"), refusal::control_character},
    {request_with("Transfer-Encoding: \x0b"
                  "chunked\r\n"),
     refusal::control_character},
    {request_with("Host: a.test\r\n"), refusal::repeated_host},
    {request_with("hOST:\r\n"), refusal::repeated_host},
    // TLS spoken to a plain port
    {"\x16\x03\x01\x02\x00\x01"s, refusal::control_character, true},
};

TEST(request_scanner, names_what_it_refuses) {
    for (const auto& row : refused_requests) {
        SCOPED_TRACE(row.bytes);
        const auto got = deliver_all_ways<request_head>(row.bytes);
        EXPECT_EQ(got.what, progress::refused) << got.index;
        EXPECT_EQ(traits(got.reason).word, traits(row.reason).word);
        EXPECT_TRUE(traits(got.reason).closes);
    }
}

TEST(request_scanner, refuses_every_control_character_everywhere) {
    const auto good = request_with("X: abcdefghijklmnopqrstuvwxyz\r\n");
    for (int c = 0; c < 0x20; ++c)
        for (std::size_t at = 0; at < good.size(); ++at) {
            auto bytes = good;
            bytes[at] = static_cast<char>(c);
            if (bytes == good || (c == '\t' && good[at] == ' ' && at > 15)) continue;
            const auto got = deliver_whole<request_head>(bytes);
            // A tab inside a value, and nowhere else, is white space.
            const bool in_value = good.substr(0, at).find("X: ") != std::string::npos || (at > 20 && at < 28);
            if (c == '\t' && in_value && good[at] != '\r' && good[at] != '\n')
                EXPECT_EQ(got.what, progress::done) << at;
            else
                EXPECT_NE(got.what, progress::done) << c << " at " << at;
        }
}

// What the scanner has said of a line must not wait for the next one.
TEST(request_scanner, refuses_a_line_as_soon_as_it_is_whole) {
    const std::string bytes = "GET / HTTP/3.0\r\nHost: a\r\n\r\n";
    EXPECT_EQ(deliver<request_head>(bytes, every_byte(bytes.size()), {}).given, 16U);
    const auto fields = request_with("X : y\r\nZ: 1\r\n");
    EXPECT_EQ(
        deliver<request_head>(fields, every_byte(fields.size()), {}).given, fields.find("X : y\r\n") + 7
    );
}

TEST(request_scanner, tells_silence_from_a_head_begun) {
    request_head head;
    head.clear();
    head_scanner scanner;
    EXPECT_EQ(scanner.scan(head, "", head_limits{}), progress::more);
    EXPECT_FALSE(scanner.started());
    EXPECT_EQ(scanner.scan(head, "\r\n\r", head_limits{}), progress::more);
    EXPECT_FALSE(scanner.started());
    EXPECT_EQ(scanner.scan(head, "\r\n\r\nG", head_limits{}), progress::more);
    EXPECT_TRUE(scanner.started());
    EXPECT_EQ(scanner.skipped(), 4U);
}

// A connection's head is used again for the next request: nothing of the last one may shine through, least of
// all as an offset past the end of fewer bytes.
TEST(request_head, has_nothing_left_after_reset) {
    scanned<request_head> first{"OPTIONS http://b.test/long/path?query HTTP/1.0\r\nHost: a.test\r\n\r\n"};
    auto& head = first.head;
    head.reset();
    const std::string bytes = "\x01";
    head_scanner scanner;
    EXPECT_EQ(scanner.scan(head, bytes, head_limits{}), progress::refused);
    EXPECT_EQ(head.method_text(), "");
    EXPECT_EQ(head.verb, method::other);
    EXPECT_EQ(head.target(), "");
    EXPECT_EQ(head.path(), "");
    EXPECT_EQ(head.query().data(), nullptr);
    EXPECT_EQ(head.authority(), "");
    EXPECT_FALSE(head.absolute_form);
    EXPECT_EQ(head.minor_version, 1);
    EXPECT_EQ(head.size, 0U);
    EXPECT_TRUE(head.fields().empty());
    EXPECT_FALSE(head.has(field_id::host));
}

TEST(request_head, finds_the_first_field_of_a_name) {
    const scanned<request_head> one{request_with("Cookie: a=1\r\nX-Own: p\r\ncookie: b=2\r\nx-own: q\r\n")};
    EXPECT_EQ(one.head.get(field_id::cookie), "a=1");
    EXPECT_TRUE(one.head.has(field_id::cookie));
    EXPECT_EQ(one.head.value(*one.head.find("X-OWN")), "p");
    EXPECT_EQ(one.head.find("X-Ow"), nullptr);
    EXPECT_EQ(one.head.find(field_id::te), nullptr);
    EXPECT_EQ(one.head.get(field_id::te).data(), nullptr);
}

// RFC 9112 §3.2.2 and §3.2.4: what stands in the request line to the upstream.
TEST(request_head, has_a_path_for_the_upstream) {
    const auto path_of = [](const std::string& line) {
        const scanned<request_head> one{line + " HTTP/1.1\r\nHost: a\r\n\r\n"};
        return std::string(path_or_root(one.head));
    };
    EXPECT_EQ(path_of("GET /p?q"), "/p");
    EXPECT_EQ(path_of("GET http://b"), "/");
    EXPECT_EQ(path_of("GET http://b?q"), "/");
    EXPECT_EQ(path_of("OPTIONS *"), "*");
    EXPECT_EQ(path_of("OPTIONS http://b"), "*");
    EXPECT_EQ(path_of("OPTIONS http://b/"), "/");
    EXPECT_EQ(path_of("OPTIONS http://b?q"), "/");
}

} // namespace

} // namespace adit::http
