#include "policy/encoder.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace adit::policy {
namespace {

// Decodes as a client does: what has come so far, at once.
class decoder {
public:
    explicit decoder(content_coding coding) {
        if (coding == content_coding::gzip)
            EXPECT_EQ(inflateInit2(&stream_, 15 + 16), Z_OK);
        else
            state_ = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
    }
    decoder(const decoder&) = delete;
    ~decoder() { state_ ? BrotliDecoderDestroyInstance(state_) : void(inflateEnd(&stream_)); }

    std::string take(std::string_view coded) {
        std::string out;
        std::vector<char> room(1 << 20);
        const auto* in = reinterpret_cast<const std::uint8_t*>(coded.data());
        std::size_t left = coded.size(), free = 0;
        do {
            auto* to = reinterpret_cast<std::uint8_t*>(room.data());
            free = room.size();
            if (state_) {
                const auto got = BrotliDecoderDecompressStream(state_, &left, &in, &free, &to, nullptr);
                EXPECT_NE(got, BROTLI_DECODER_RESULT_ERROR);
                ended = got == BROTLI_DECODER_RESULT_SUCCESS;
            } else {
                stream_.next_in = const_cast<std::uint8_t*>(in);
                stream_.avail_in = static_cast<uInt>(left);
                stream_.next_out = to;
                stream_.avail_out = static_cast<uInt>(free);
                const int got = inflate(&stream_, Z_SYNC_FLUSH);
                EXPECT_TRUE(got == Z_OK || got == Z_STREAM_END || got == Z_BUF_ERROR) << got;
                ended = got == Z_STREAM_END;
                in = stream_.next_in, left = stream_.avail_in, free = stream_.avail_out;
            }
            out.append(room.data(), room.size() - free);
        } while (free == 0);
        EXPECT_EQ(left, 0U);
        return out;
    }

    bool ended = false;

private:
    z_stream stream_{};
    BrotliDecoderState* state_ = nullptr;
};

std::string words(std::size_t size, unsigned seed) {
    static constexpr std::string_view some[]{"adit ", "canary ", "route ", "<td>", "\n", "stable ", "0.25 "};
    std::mt19937 random(seed);
    std::string out;
    while (out.size() < size) out += some[random() % std::size(some)];
    out.resize(size);
    return out;
}

std::string noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string out(size, '\0');
    for (auto& c : out) c = static_cast<char>(random());
    return out;
}

std::size_t round_trip(
    encoder& one, content_coding coding, std::uint32_t level, const std::vector<std::string>& parts,
    std::uint64_t known
) {
    std::size_t total = 0;
    EXPECT_TRUE(one.begin(coding, level, known));
    decoder back(coding);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::vector<char> room(encoder::bound(parts[i].size()));
        const auto made = one.write(parts[i], i + 1 == parts.size(), room);
        EXPECT_TRUE(made) << "part " << i << " of " << parts[i].size() << " bytes, level " << level;
        if (!made) return 0;
        total += *made;
        EXPECT_EQ(back.take({room.data(), *made}), parts[i]) << "each part can be read when it has come";
        EXPECT_EQ(back.ended, i + 1 == parts.size());
    }
    return total;
}

TEST(encoder, round_trips_and_flushes_every_part) {
    encoder one;
    for (const auto coding : {content_coding::gzip, content_coding::br}) {
        for (std::uint32_t level = 1; level <= 9; ++level) {
            round_trip(one, coding, level, {""}, 0);
            round_trip(one, coding, level, {"a"}, 1);
            round_trip(one, coding, level, {"data: 1\n\n", "", "data: 2\n\n", ""}, 0);
            round_trip(one, coding, level, {words(300, 1)}, 300);
            round_trip(one, coding, level, {words(69632, 2), words(69632, 2), noise(69632, 3), "end"}, 0);
            round_trip(one, coding, level, {noise(1, 4), noise(69632, 5), noise(69000, 6), ""}, 0);
        }
    }
}

TEST(encoder, makes_text_small) {
    encoder one;
    const std::vector<std::string> page{words(60'000, 7), words(60'000, 8)};
    EXPECT_LT(round_trip(one, content_coding::gzip, 4, page, 0), 40'000U);
    EXPECT_LT(round_trip(one, content_coding::br, 4, page, 0), 40'000U);
}

TEST(encoder, is_as_new_after_a_body_that_was_broken_off) {
    encoder one;
    for (const auto coding : {content_coding::gzip, content_coding::br, content_coding::gzip}) {
        std::vector<char> room(encoder::bound(5000));
        ASSERT_TRUE(one.begin(coding, 4, 0));
        ASSERT_TRUE(one.write(words(5000, 1), false, room));
        round_trip(one, coding, 4, {words(5000, 2), words(5000, 3)}, 10'000);
    }
}

} // namespace
} // namespace adit::policy
