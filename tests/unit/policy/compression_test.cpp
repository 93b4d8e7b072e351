#include "policy/compression.hpp"

#include "http/hop_by_hop.hpp"
#include "http/scanner.hpp"
#include "unit/support/request.hpp"

#include <gtest/gtest.h>

namespace adit::policy {
namespace {

// What becomes of one answer: the coding, and the head that goes out (without framing).
struct outcome {
    compression::decision what;
    std::string head;
};

outcome pass(
    const model::compression& wish, const std::string& answer, const std::string& accepts = "gzip",
    http::method verb = http::method::get
) {
    const tests::request from("/", {{"Accept-Encoding", accepts}});
    http::response_head head;
    http::head_scanner scanner;
    const auto text = answer + "\r\n";
    EXPECT_EQ(scanner.scan(head, text, {}), http::progress::done) << answer;
    const auto frame = http::response_framing(head, verb);
    EXPECT_EQ(frame.reason, http::refusal::none) << answer;
    http::mark_hop_by_hop(head);
    const compression rules(wish);
    outcome out;
    out.what = rules.decide(from.head(), head, frame);
    compression::rewrite(head, out.what);
    char room[4096];
    http::writer to(room, sizeof room);
    to.kept_fields(head);
    compression::write_fields(to, out.what);
    out.head = to.text();
    out.what.strong_tag = {};
    return out;
}

std::string answer(const std::string& fields, int status = 200) {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + fields;
}

TEST(compression, is_for_listed_types_of_some_length) {
    const std::pair<std::string, bool> cases[]{
        {"Content-Type: text/html\r\nContent-Length: 1000\r\n", true},
        {"Content-Type: Text/HTML; charset=utf-8\r\nContent-Length: 1000\r\n", true},
        {"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", true},
        {"Content-Type: image/svg+xml\r\n", true},
        {"Content-Type: text/html\r\nContent-Length: 256\r\n", true},
        {"Content-Type: text/html\r\nContent-Length: 255\r\n", false},
        {"Content-Type: text/html\r\nContent-Length: 0\r\n", false},
        {"Content-Type: image/png\r\nContent-Length: 1000\r\n", false},
        {"Content-Type: text/htmlx\r\nContent-Length: 1000\r\n", false},
        {"Content-Type: text/event-stream\r\n", false},
        {"Content-Type: \r\n", false},
        {"Content-Length: 1000\r\n", false},
        {"Content-Type: text/html\r\nContent-Encoding: gzip\r\n", false},
        {"Content-Type: text/html\r\nContent-Encoding: identity\r\n", false},
        {"Content-Type: text/html\r\nCache-Control: public, No-Transform\r\n", false},
        {"Content-Type: text/html\r\nCache-Control: public\r\nCache-Control: no-transform\r\n", false},
        {"Content-Type: text/html\r\nCache-Control: no-transformer\r\n", true},
        {"Content-Type: text/html\r\nRepr-Digest: sha-256=:x:\r\n", false},
        {"Content-Type: text/html\r\ncontent-digest: sha-256=:x:\r\n", false},
        {"Content-Type: text/html\r\nContent-MD5: x\r\n", false},
    };
    for (const auto& [fields, compressed] : cases)
        EXPECT_EQ(pass({}, answer(fields)).what.coding == content_coding::gzip, compressed) << fields;
}

TEST(compression, is_for_whole_bodies) {
    const std::string fields = "Content-Type: text/html\r\nContent-Length: 1000\r\n";
    const std::pair<int, bool> cases[]{{200, true},  {201, true},  {404, true},  {500, true},
                                       {204, false}, {205, false}, {206, false}, {304, false}};
    for (const auto& [status, compressed] : cases)
        EXPECT_EQ(pass({}, answer(fields, status)).what.coding == content_coding::gzip, compressed) << status;
    EXPECT_EQ(pass({}, answer(fields), "gzip", http::method::head).what.coding, content_coding::identity);
}

TEST(compression, knows_families_of_types) {
    model::compression wish;
    wish.types = {"text/*"};
    EXPECT_EQ(pass(wish, answer("Content-Type: text/anything\r\n")).what.coding, content_coding::gzip);
    EXPECT_EQ(pass(wish, answer("Content-Type: texts/a\r\n")).what.coding, content_coding::identity);
    EXPECT_EQ(
        pass(wish, answer("Content-Type: text/event-stream\r\n")).what.coding, content_coding::identity
    );
    wish.types = {"text/event-stream"};
    EXPECT_EQ(pass(wish, answer("Content-Type: text/event-stream;x\r\n")).what.coding, content_coding::gzip);
}

TEST(compression, says_what_it_did) {
    const std::string type = "Content-Type: text/html\r\n";
    const std::string coded = "Vary: Accept-Encoding\r\nContent-Encoding: gzip\r\n";
    const std::pair<std::string, std::string> cases[]{
        {type, type + coded},
        {type + "ETag: \"a\"\r\n", type + coded + "ETag: W/\"a\"\r\n"},
        {type + "etag:\"a\"\r\n", type + coded + "ETag: W/\"a\"\r\n"},
        {type + "ETag: W/\"a\"\r\n", type + "ETag: W/\"a\"\r\n" + coded},
        {type + "Accept-Ranges: bytes\r\nX-A: b\r\n", type + "X-A: b\r\n" + coded},
        {type + "Vary: Cookie\r\n", type + "Vary: Cookie\r\n" + coded},
        {type + "Vary: Cookie, accept-encoding\r\n",
         type + "Vary: Cookie, accept-encoding\r\nContent-Encoding: gzip\r\n"},
        {type + "Vary: *\r\n", type + "Vary: *\r\nContent-Encoding: gzip\r\n"},
    };
    for (const auto& [in, out] : cases) EXPECT_EQ(pass({}, answer(in)).head, out);
}

TEST(compression, says_that_answers_vary_to_who_takes_no_coding) {
    const std::string fields = "Content-Type: text/html\r\nETag: \"a\"\r\nAccept-Ranges: bytes\r\n";
    EXPECT_EQ(pass({}, answer(fields), "deflate").head, fields + "Vary: Accept-Encoding\r\n");
    EXPECT_EQ(pass({}, answer("Content-Type: a/b\r\n"), "deflate").head, "Content-Type: a/b\r\n");
}

TEST(compression, offers_what_is_configured) {
    model::compression wish;
    const auto html = answer("Content-Type: text/html\r\n");
    EXPECT_EQ(pass(wish, html, "gzip, br").what.coding, content_coding::br);
    wish.encodings = {"gzip", "br"};
    EXPECT_EQ(pass(wish, html, "gzip, br").what.coding, content_coding::gzip);
    wish.encodings = {"gzip"};
    EXPECT_EQ(pass(wish, html, "br").what.coding, content_coding::identity);
}

} // namespace
} // namespace adit::policy
