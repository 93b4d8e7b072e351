#include "http/websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace adit::http {
namespace {

std::string frame(unsigned opcode, std::size_t size, bool masked = false) {
    std::string out(1, static_cast<char>(0x80 | opcode));
    const char mask = masked ? '\x80' : '\0';
    const auto big_endian = [&](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
    };
    if (size < 126) {
        out += static_cast<char>(static_cast<char>(size) | mask);
    } else if (size < 65536) {
        out += static_cast<char>(126 | mask);
        big_endian(2);
    } else {
        out += static_cast<char>(127 | mask);
        big_endian(8);
    }
    if (masked) out += "mask";
    return out + std::string(size, '\x88'); // a payload that looks like headers
}

// However the bytes are cut, frames end where they end.
TEST(websocket_frames, end_where_they_end_however_they_arrive) {
    std::string all;
    std::vector<std::size_t> ends;
    for (const auto& one :
         {frame(1, 0), frame(2, 1), frame(9, 125), frame(1, 126), frame(0, 300, true), frame(2, 65535),
          frame(2, 65536), frame(10, 0, true), frame(2, 70000, true)}) {
        all += one;
        ends.push_back(all.size());
    }
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{127}, std::size_t{4096}, all.size()}) {
        websocket_frames frames;
        EXPECT_TRUE(frames.at_boundary());
        std::vector<std::size_t> found;
        for (std::size_t at = 0; at < all.size();) {
            std::string_view rest{all.data() + at, std::min(piece, all.size() - at)};
            while (!rest.empty()) {
                const auto passed = frames.pass_to_boundary(rest);
                ASSERT_GT(passed, 0u);
                at += passed;
                rest.remove_prefix(passed);
                if (frames.at_boundary()) found.push_back(at);
            }
        }
        EXPECT_EQ(found, ends) << "in pieces of " << piece;
        EXPECT_FALSE(frames.closing());
    }
}

TEST(websocket_frames, pass_whole_reads_at_once) {
    websocket_frames frames;
    frames.pass(frame(1, 5) + frame(2, 1000));
    EXPECT_TRUE(frames.at_boundary());
    frames.pass(frame(2, 1000).substr(0, 3));
    EXPECT_FALSE(frames.at_boundary()) << "in the middle of a header";
    frames.pass(frame(2, 1000).substr(3, 500));
    EXPECT_FALSE(frames.at_boundary()) << "in the middle of a payload";
    frames.pass(frame(2, 1000).substr(503));
    EXPECT_TRUE(frames.at_boundary());
}

TEST(websocket_frames, know_a_close) {
    websocket_frames frames;
    frames.pass(frame(1, 3));
    EXPECT_FALSE(frames.closing());
    frames.pass(frame(8, 2).substr(0, 2));
    EXPECT_TRUE(frames.closing());
}

TEST(websocket_frames, are_what_we_send_ourselves) {
    websocket_frames frames;
    EXPECT_EQ(frames.pass_to_boundary(close_service_restart), close_service_restart.size());
    EXPECT_TRUE(frames.at_boundary());
    EXPECT_TRUE(frames.closing());
    EXPECT_EQ(
        static_cast<unsigned char>(close_service_restart[2]) << 8 |
            static_cast<unsigned char>(close_service_restart[3]),
        1012
    );
}

} // namespace
} // namespace adit::http
