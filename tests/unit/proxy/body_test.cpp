#include "proxy/body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adit::proxy {
namespace {

using http::body_kind;
using http::refusal;

struct outcome {
    std::string payload;
    std::string rest; // that the body did not take
    bool finished;
    refusal reason = refusal::none;
};

// Gives `wire` in pieces of `size` bytes.
outcome read(body_kind kind, std::uint64_t length, std::string wire, std::size_t size) {
    body_reader reader;
    reader.begin(kind, length);
    outcome out{{}, {}, false};
    std::size_t at = 0;
    while (at < wire.size() && !reader.finished()) {
        const auto now = std::min(size, wire.size() - at);
        const auto taken = reader.take(wire.data() + at, now);
        out.payload += taken.payload;
        at += taken.consumed;
        if ((out.reason = taken.reason) != refusal::none) break;
    }
    out.rest = wire.substr(at);
    out.finished = reader.finished();
    return out;
}

struct reading {
    const char* what;
    body_kind kind;
    std::uint64_t length;
    std::string wire;
    outcome expected;
};

class a_body_reader : public testing::TestWithParam<reading> {};

TEST_P(a_body_reader, takes_what_is_its_own_however_it_is_cut) {
    const auto& row = GetParam();
    for (const std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
        SCOPED_TRACE(size);
        const auto got = read(row.kind, row.length, row.wire, size);
        EXPECT_EQ(got.payload, row.expected.payload);
        EXPECT_EQ(got.finished, row.expected.finished);
        EXPECT_EQ(got.reason, row.expected.reason);
        if (row.expected.reason == refusal::none) {
            EXPECT_EQ(got.rest, row.expected.rest);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    bodies, a_body_reader,
    testing::Values(
        reading{"none", body_kind::none, 0, "GET /", {"", "GET /", true}},
        reading{"length", body_kind::length, 5, "hello", {"hello", "", true}},
        reading{"length_and_next", body_kind::length, 5, "helloGET /", {"hello", "GET /", true}},
        reading{"length_short", body_kind::length, 5, "hel", {"hel", "", false}},
        reading{"length_beyond_32_bits", body_kind::length, 1ull << 40, "hel", {"hel", "", false}},
        reading{"chunked", body_kind::chunked, 0, "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", {"hello!", "", true}},
        reading{"chunked_and_next", body_kind::chunked, 0, "1\r\n!\r\n0\r\n\r\nGET /", {"!", "GET /", true}},
        reading{"chunked_with_trailers", body_kind::chunked, 0, "0\r\nX-A: b\r\n\r\nG", {"", "G", true}},
        reading{"chunked_unfinished", body_kind::chunked, 0, "5\r\nhel", {"hel", "", false}},
        reading{"chunked_wrong", body_kind::chunked, 0, "x\r\n", {"", "", false, refusal::bad_chunk}},
        reading{"until_close", body_kind::until_close, 0, "all of it", {"all of it", "", false}}
    ),
    [](const auto& one) { return one.param.what; }
);

TEST(a_body_reader, is_ended_properly_by_close_only_where_that_is_its_end) {
    body_reader reader;
    reader.begin(body_kind::until_close, 0);
    EXPECT_TRUE(reader.close());
    EXPECT_TRUE(reader.finished());
    reader.begin(body_kind::length, 1);
    EXPECT_FALSE(reader.close());
    reader.begin(body_kind::chunked, 0);
    EXPECT_FALSE(reader.close());
    reader.begin(body_kind::length, 0);
    char nothing = 0;
    reader.take(&nothing, 0);
    EXPECT_TRUE(reader.close());
}

TEST(a_body_reader, begins_anew_without_what_was) {
    body_reader reader;
    reader.begin(body_kind::chunked, 0);
    std::string wire = "0\r\nX-A: b\r\n\r\n";
    reader.take(wire.data(), wire.size());
    EXPECT_EQ(reader.trailers(), "X-A: b\r\n");
    reader.begin(body_kind::length, 3);
    EXPECT_EQ(reader.trailers(), "");
    reader.begin(body_kind::chunked, 0);
    EXPECT_EQ(reader.trailers(), "");
    EXPECT_FALSE(reader.finished());
}

struct writing {
    const char* what;
    bool chunked;
    std::string_view payload;
    bool last;
    std::string_view trailers;
    std::string expected;
};

class a_body_writer : public testing::TestWithParam<writing> {};

TEST_P(a_body_writer, writes) {
    const auto& row = GetParam();
    static const net::stream::callbacks none{nullptr, nullptr, nullptr};
    int both[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both), 0);
    net::loop loop;
    net::stream to{loop, nullptr, none};
    ASSERT_TRUE(to.assign(both[0]));
    block_pool pool{1024, 1};
    net::outgoing out;
    body_writer writer;
    writer.begin(row.chunked);
    writer.add(out, row.payload, row.last, row.trailers);
    std::uint64_t total = 0;
    EXPECT_EQ(out.flush(to, pool, {}, total), net::io::done);
    char bytes[1024];
    const auto n = ::recv(both[1], bytes, sizeof bytes, 0);
    EXPECT_EQ(std::string(bytes, n > 0 ? static_cast<std::size_t>(n) : 0), row.expected);
    ::close(both[1]);
}

INSTANTIATE_TEST_SUITE_P(
    bodies, a_body_writer,
    testing::Values(
        writing{"plain", false, "hello", false, {}, "hello"},
        writing{"plain_last", false, "hello", true, "X-A: b\r\n", "hello"},
        writing{"plain_nothing", false, "", true, {}, ""},
        writing{"chunk", true, "hello world, 17 b", false, {}, "11\r\nhello world, 17 b\r\n"},
        writing{"no_chunk", true, "", false, {}, ""}, // an empty one would end the body
        writing{"last_chunk", true, "hello", true, {}, "5\r\nhello\r\n0\r\n\r\n"},
        writing{"only_the_end", true, "", true, {}, "0\r\n\r\n"},
        writing{"trailers", true, "!", true, "X-A: b\r\n", "1\r\n!\r\n0\r\nX-A: b\r\n\r\n"},
        writing{"only_trailers", true, "", true, "X-A: b\r\n", "0\r\nX-A: b\r\n\r\n"}
    ),
    [](const auto& one) { return one.param.what; }
);

} // namespace
} // namespace adit::proxy
