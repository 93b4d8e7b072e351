// The chunked coding: payload out, or the reason, however the coded bytes are cut.
#include "http/chunked.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace adit::http {

namespace {

using namespace std::string_literals;

struct decoded {
    std::string payload, trailers, rest;
    bool finished = false;
    http::refusal reason = http::refusal::none;
};

decoded decode(const std::string& bytes, const std::vector<std::size_t>& ends) {
    chunk_decoder decoder;
    decoded out;
    std::size_t begin = 0;
    for (const auto end : ends) {
        const auto size = end - begin;
        std::unique_ptr<char[]> block{new char[size]}; // of exactly that size, for the sanitizers
        std::memcpy(block.get(), bytes.data() + begin, size);
        const auto step = decoder.decode(block.get(), size);
        EXPECT_LE(step.payload, step.consumed);
        EXPECT_LE(step.consumed, size);
        out.payload.append(block.get(), step.payload);
        out.finished = step.finished;
        out.reason = step.reason;
        if (step.finished) out.rest = bytes.substr(begin + step.consumed);
        if (step.finished || step.reason != refusal::none) break;
        EXPECT_EQ(step.consumed, size);
        begin = end;
    }
    if (out.finished) out.trailers = decoder.trailers();
    return out;
}

decoded decode_all_ways(const std::string& bytes) {
    const auto whole = decode(bytes, {bytes.size()});
    const auto same = [&](const decoded& other, const std::string& how) {
        EXPECT_EQ(whole.payload, other.payload) << how;
        EXPECT_EQ(whole.trailers, other.trailers) << how;
        EXPECT_EQ(whole.rest, other.rest) << how;
        EXPECT_EQ(whole.finished, other.finished) << how;
        EXPECT_EQ(traits(whole.reason).word, traits(other.reason).word) << how;
    };
    std::vector<std::size_t> bytewise;
    for (std::size_t end = 1; end <= bytes.size(); ++end) bytewise.push_back(end);
    same(decode(bytes, bytewise), "one byte at a time");
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        same(decode(bytes, {cut, bytes.size()}), "cut after " + std::to_string(cut));
    return whole;
}

struct row {
    std::string bytes;
    std::string payload;
    std::string trailers = {};
    std::string rest = {};
};

TEST(chunked, decodes) {
    const std::vector<row> rows{
        {"0\r\n\r\n", ""},
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", "hello, world"},
        {"00A\r\n0123456789\r\n000\r\n\r\n", "0123456789"},
        {"a\r\n0123456789\r\n000000000000000\r\n\r\n", "0123456789"},
        {"4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
        {"3\r\n0\r\n\r\n0\r\n\r\n", "0\r\n"},
        {"2\r\n\0\xff\r\n0\r\n\r\n"s, "\0\xff"s},
        {"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n", "a", "", "GET / HTTP/1.1\r\n"},
        // extensions are dropped
        {"1;a\r\nx\r\n0;b=c\r\n\r\n", "x"},
        {"1 ; a = b ;c\t\r\nx\r\n0\r\n\r\n", "x"},
        {"1;a=\"b;c,d\\\"e\\\\\"\r\nx\r\n0;\r\n\r\n", "x"},
        {"1;a=\" \t\x80\";b=\"\"\r\nx\r\n0\r\n\r\n", "x"},
        // trailers
        {"0\r\nX: y\r\n\r\n", "", "X: y\r\n"},
        {"1\r\na\r\n0\r\nX:y\r\nChecksum: \t z \r\nEmpty:\r\n\r\nrest", "a",
         "X:y\r\nChecksum: \t z \r\nEmpty:\r\n", "rest"},
        {"0\r\nX: 1\r\nContent-Length: 5\r\nX: 2\r\n\r\n", "", "X: 1\r\nX: 2\r\n"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.bytes);
        const auto got = decode_all_ways(row.bytes);
        EXPECT_TRUE(got.finished) << traits(got.reason).word;
        EXPECT_EQ(got.reason, refusal::none);
        EXPECT_EQ(got.payload, row.payload);
        EXPECT_EQ(got.trailers, row.trailers);
        EXPECT_EQ(got.rest, row.rest);
    }
}

TEST(chunked, refuses) {
    const std::vector<std::pair<std::string, refusal>> rows{
        // size
        {"\r\n", refusal::bad_chunk},
        {"g\r\n", refusal::bad_chunk},
        {"-1\r\n", refusal::bad_chunk},
        {"+1\r\n", refusal::bad_chunk},
        {" 1\r\n", refusal::bad_chunk},
        {"0x1\r\n", refusal::bad_chunk},
        {"1,\r\n", refusal::bad_chunk},
        {"1_\r\n", refusal::bad_chunk},
        {";a\r\n", refusal::bad_chunk},
        {"1g\r\n", refusal::bad_chunk},
        {"1 2\r\n", refusal::bad_chunk},
        {"1 \r\n", refusal::bad_chunk}, // white space may stand before an extension only
        {"1\t\r\n", refusal::bad_chunk},
        {"\xb1\r\n", refusal::bad_chunk},
        {"1\0\r\n"s, refusal::bad_chunk},
        {"ffffffffffffffff\r\n", refusal::bad_chunk},
        {"10000000000000001\r\n", refusal::bad_chunk},
        {"0000000000000001\r\n", refusal::bad_chunk}, // 16 digits, whatever they say
        // line ends
        {"1\nx\n0\n\n", refusal::bad_chunk},
        {"1\rx", refusal::bad_chunk},
        {"1\r\rx", refusal::bad_chunk},
        {"1\r\nx\n", refusal::bad_chunk},
        {"1\r\nx\ry", refusal::bad_chunk},
        {"1\r\nxy\r\n", refusal::bad_chunk},
        {"1\r\nx0\r\n\r\n", refusal::bad_chunk},
        {"5\r\nabc\r\n0\r\n\r\n", refusal::bad_chunk},
        {"1\r\nx\r\n\r\n0\r\n\r\n", refusal::bad_chunk},
        {"0\r\n\n", refusal::bad_trailer},
        {"0\r\n\rx", refusal::bad_trailer},
        // extensions
        {"1;a\nx\r\n0\r\n\r\n", refusal::bad_chunk},
        {"1;a\rb\r\nx\r\n", refusal::bad_chunk},
        {"1;a=\"\r\n\"\r\nx", refusal::bad_chunk},
        {"1;a=\"\\\r\n\"\r\nx", refusal::bad_chunk},
        {"1;a=\"\n\"\r\nx", refusal::bad_chunk},
        {"1;\0\r\nx"s, refusal::bad_chunk},
        {"1;\x7f\r\nx", refusal::bad_chunk},
        // trailers
        {"0\r\nX\r\n\r\n", refusal::bad_trailer},
        {"0\r\nX : y\r\n\r\n", refusal::bad_trailer},
        {"0\r\n X: y\r\n\r\n", refusal::bad_trailer},
        {"0\r\nX: y\r\n z\r\n\r\n", refusal::bad_trailer},
        {"0\r\n: y\r\n\r\n", refusal::bad_trailer},
        {"0\r\nX: y\n\r\n", refusal::bad_trailer},
        {"0\r\nX: y\rz\r\n", refusal::bad_trailer},
        {"0\r\nX: \0\r\n\r\n"s, refusal::bad_trailer},
        {"0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", refusal::bad_trailer},
    };
    for (const auto& [bytes, reason] : rows) {
        SCOPED_TRACE(bytes);
        const auto got = decode_all_ways(bytes);
        EXPECT_FALSE(got.finished);
        EXPECT_EQ(traits(got.reason).word, traits(reason).word);
    }
}

TEST(chunked, is_not_finished_a_byte_early) {
    const std::string bytes = "3;x=\"y\"\r\nabc\r\n0;z\r\nX: y\r\nHost: z\r\n\r\n";
    for (std::size_t end = 1; end < bytes.size(); ++end) {
        const auto got = decode(bytes.substr(0, end), {end});
        EXPECT_FALSE(got.finished) << end;
        EXPECT_EQ(got.reason, refusal::none) << end;
    }
    EXPECT_TRUE(decode(bytes, {bytes.size()}).finished);
}

TEST(chunked, takes_the_largest_size_that_cannot_overflow) {
    chunk_decoder decoder;
    std::string bytes = "fffffffffffffff\r\nabc";
    const auto step = decoder.decode(bytes.data(), bytes.size());
    EXPECT_EQ(step.reason, refusal::none);
    EXPECT_EQ(step.payload, 3U);
}

TEST(chunked, bounds_one_size_line) {
    for (const auto& [filler, from] : {std::pair{"a"s, ";"s}, {" "s, " "s}, {"\t"s, ";"s}}) {
        const auto line = [&, f = filler, s = from](std::size_t size) {
            std::string out = "1" + s;
            while (out.size() < size - 3) out += f;
            return out + (s == " " ? ";" : f) + "\r\n";
        };
        ASSERT_EQ(line(chunk_decoder::max_line).size(), chunk_decoder::max_line);
        EXPECT_TRUE(decode_all_ways(line(chunk_decoder::max_line) + "x\r\n0\r\n\r\n").finished);
        EXPECT_EQ(
            decode_all_ways(line(chunk_decoder::max_line + 1) + "x\r\n0\r\n\r\n").reason,
            refusal::chunk_overhead
        );
    }
}

// Many small chunks with long extensions would make us read hundreds of bytes for one.
TEST(chunked, bounds_extensions_by_the_payload) {
    const std::string greedy = "1;" + std::string(200, 'x') + "\r\na\r\n";
    std::string bytes;
    while (bytes.size() < 10 * chunk_decoder::overhead_allowance) bytes += greedy;
    const auto got = decode(bytes, {bytes.size()});
    EXPECT_EQ(got.reason, refusal::chunk_overhead);
    EXPECT_LE(
        got.payload.size() * 200, chunk_decoder::overhead_allowance + greedy.size() + got.payload.size()
    );

    std::string modest;
    for (int i = 0; i < 2'000; ++i)
        modest += "c8;" + std::string(200, 'x') + "\r\n" + std::string(200, 'a') + "\r\n";
    modest += "0\r\n\r\n";
    const auto fair = decode(modest, {modest.size()});
    EXPECT_TRUE(fair.finished);
    EXPECT_EQ(fair.payload.size(), 2'000U * 200);
}

TEST(chunked, lets_a_long_stream_of_one_byte_chunks_pass) {
    chunk_decoder decoder;
    for (int i = 0; i < 300'000; ++i) {
        char bytes[] = "1\r\na\r\n";
        const auto step = decoder.decode(bytes, 6);
        ASSERT_EQ(step.reason, refusal::none) << i;
        ASSERT_EQ(step.payload, 1U);
        ASSERT_EQ(step.consumed, 6U);
    }
}

TEST(chunked, compacts_in_place) {
    std::string coded, plain;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::string piece(i % 37 + 1, static_cast<char>('a' + i % 26));
        plain += piece;
        char size[20];
        std::snprintf(size, sizeof size, "%zX%s\r\n", piece.size(), i % 3 ? "" : ";ext=\"1\"");
        coded += size + piece + "\r\n";
    }
    coded += "0\r\n\r\nnext";
    for (std::size_t grain : {1U, 2U, 3U, 7U, 64U, 4096U, 1U << 20}) {
        std::vector<std::size_t> ends;
        for (std::size_t end = grain; end < coded.size(); end += grain) ends.push_back(end);
        ends.push_back(coded.size());
        const auto got = decode(coded, ends);
        EXPECT_EQ(got.payload, plain) << grain;
        EXPECT_TRUE(got.finished);
        EXPECT_EQ("next"s.substr(4 - std::min<std::size_t>(4, got.rest.size())), got.rest);
    }
}

TEST(chunked, drops_trailers_that_could_mislead) {
    std::string kept = "Server-Timing: x\r\nETag: e\r\nGrpc-Status: 0\r\nDigest: d\r\nX-Own: y\r\n";
    std::string bytes = "0\r\n" + kept;
    for (const auto* name :
         {"Content-Length",
          "content-length",
          "Transfer-Encoding",
          "Host",
          "TE",
          "Trailer",
          "Connection",
          "Keep-Alive",
          "Upgrade",
          "Authorization",
          "Proxy-Authorization",
          "Proxy-Authenticate",
          "WWW-Authenticate",
          "Proxy-Connection",
          "Proxy",
          "Cookie",
          "Set-Cookie",
          "Content-Type",
          "Content-Encoding",
          "Content-Range",
          "Expect",
          "Max-Forwards",
          "Cache-Control",
          "Forwarded",
          "Via",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Port",
          "X-Forwarded-Proto",
          "X-Forwarded-Scheme",
          "X-Original-Forwarded-For",
          "X-Real-IP",
          "X-Scheme",
          "X-Request-ID",
          "X-Version-Route",
          "X-Canary",
          "Location",
          "Vary",
          "Date",
          "Age",
          "Expires",
          "Retry-After",
          "Range",
          "HTTP2-Settings",
          "X_Forwarded_For",
          "Content_Length"})
        bytes += std::string(name) + ": 1\r\n";
    bytes += "\r\n";
    const auto got = decode_all_ways(bytes);
    EXPECT_TRUE(got.finished) << traits(got.reason).word;
    EXPECT_EQ(got.trailers, kept);
}

TEST(chunked, bounds_the_trailer_section) {
    const auto section = [](std::size_t size) {
        std::string out;
        while (size - out.size() > 130) out += "X: " + std::string(95, 'x') + "\r\n";
        return out + "Y: " + std::string(size - out.size() - 7, 'y') + "\r\n\r\n";
    };
    ASSERT_EQ(section(chunk_decoder::max_trailers).size(), chunk_decoder::max_trailers);
    EXPECT_TRUE(decode_all_ways("0\r\n" + section(chunk_decoder::max_trailers)).finished);
    EXPECT_EQ(
        decode_all_ways("0\r\n" + section(chunk_decoder::max_trailers + 1)).reason, refusal::bad_trailer
    );
}

// What is dropped counts as well, or a trailer section need never end.
TEST(chunked, bounds_dropped_trailers) {
    std::string bytes = "0\r\n";
    while (bytes.size() < 2 * chunk_decoder::max_trailers) bytes += "Cookie: a\r\n";
    EXPECT_EQ(decode(bytes, {bytes.size()}).reason, refusal::bad_trailer);
}

TEST(chunked, starts_afresh_after_reset) {
    chunk_decoder decoder;
    std::string first = "5;a=\"b";
    decoder.decode(first.data(), first.size());
    decoder.reset();
    std::string second = "2\r\nhi\r\n0\r\nX: y\r\n\r\n";
    const auto step = decoder.decode(second.data(), second.size());
    EXPECT_TRUE(step.finished);
    EXPECT_EQ(second.substr(0, step.payload), "hi");
    EXPECT_EQ(decoder.trailers(), "X: y\r\n");
    decoder.reset();
    EXPECT_EQ(decoder.trailers(), "");
}

} // namespace

} // namespace adit::http
