// Heads given to the scanner in every way in which a network may deliver them: whole, one byte at a time, and
// cut in two at every place. The bytes lie in a block of exactly their size that moves with each delivery, so
// that a read past the end, or of where they lay before, is seen by a sanitizer.
#pragma once

#include "http/scanner.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace adit::http {

struct verdict {
    progress what = progress::more;
    http::refusal reason = http::refusal::none;
    std::uint32_t skipped = 0;
    std::size_t given = 0; // bytes that had come when the verdict fell
    std::string index;     // what the head says, as text
};

inline std::string show_fields(const head& seen) {
    std::string out;
    for (const auto& f : seen.fields()) {
        out += std::string(seen.name(f)) + "=" + std::string(seen.value(f));
        if (f.id != field_id::unknown) out += " (" + std::string(to_text(f.id)) + ")";
        out += "\n";
    }
    return out;
}

inline std::string show(const request_head& seen) {
    std::string out = std::string(seen.method_text()) + " [" + std::string(to_text(seen.verb)) + "] " +
                      std::string(seen.target()) + " path=" + std::string(seen.path());
    if (seen.has_query) out += " query=" + std::string(seen.query());
    out += " authority=" + std::string(seen.authority());
    if (seen.absolute_form) out += " absolute";
    return out + " 1." + std::to_string(seen.minor_version) + "\n" + show_fields(seen);
}

inline std::string show(const response_head& seen) {
    return "1." + std::to_string(seen.minor_version) + " " + std::to_string(seen.status) + " '" +
           std::string(seen.reason()) + "'\n" + show_fields(seen);
}

// Delivers prefixes of `bytes`, of the sizes in `ends`, until there is a verdict.
template <class Head>
verdict deliver(std::string_view bytes, const std::vector<std::size_t>& ends, const head_limits& limits) {
    Head head;
    head.clear();
    head_scanner scanner;
    verdict out;
    std::unique_ptr<char[]> block;
    for (const auto end : ends) {
        std::unique_ptr<char[]> moved{new char[end]};
        std::memcpy(moved.get(), bytes.data(), end);
        block = std::move(moved);
        out.what = scanner.scan(head, {block.get(), end}, limits);
        out.given = end;
        if (out.what != progress::more) break;
    }
    out.reason = scanner.refusal();
    out.skipped = scanner.skipped();
    if (out.what == progress::done) {
        out.index = show(head);
        EXPECT_EQ(head.base(), block.get() + out.skipped);
    }
    return out;
}

template <class Head>
verdict deliver_whole(std::string_view bytes, const head_limits& limits = {}) {
    return deliver<Head>(bytes, {bytes.size()}, limits);
}

inline std::vector<std::size_t> every_byte(std::size_t size) {
    std::vector<std::size_t> out;
    for (std::size_t end = 1; end <= size; ++end) out.push_back(end);
    return out;
}

// The verdict must not depend on the delivery.
template <class Head>
verdict deliver_all_ways(std::string_view bytes, const head_limits& limits = {}) {
    const auto whole = deliver_whole<Head>(bytes, limits);
    const auto same = [&](const verdict& other, const std::string& how) {
        EXPECT_EQ(whole.what, other.what) << how;
        EXPECT_EQ(traits(whole.reason).word, traits(other.reason).word) << how;
        EXPECT_EQ(whole.skipped, other.skipped) << how;
        EXPECT_EQ(whole.index, other.index) << how;
    };
    same(deliver<Head>(bytes, every_byte(bytes.size()), limits), "one byte at a time");
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        same(deliver<Head>(bytes, {cut, bytes.size()}, limits), "cut after " + std::to_string(cut));
    return whole;
}

// A scanned head over bytes that it owns.
template <class Head>
struct scanned {
    explicit scanned(std::string text) : bytes(std::move(text)) {
        head.clear();
        head_scanner scanner;
        EXPECT_EQ(scanner.scan(head, bytes, head_limits{}), progress::done) << bytes << "\n"
                                                                            << traits(scanner.refusal()).word;
    }
    scanned(const scanned&) = delete;

    const std::string bytes;
    Head head;
};

inline std::string request_with(std::string_view fields) {
    return "GET / HTTP/1.1\r\nHost: a.test\r\n" + std::string(fields) + "\r\n";
}
inline std::string response_with(std::string_view fields) {
    return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
}

} // namespace adit::http
