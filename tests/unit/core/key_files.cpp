#include "core/key_files.hpp"

#include "core/state_directory.hpp"
#include "unit/core/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace adit {
namespace {

using testing::HasSubstr;

// Bytes 0, 1, 2 … 31, from: python3 -c 'import base64; print(base64.b64encode(bytes(range(32))))'
constexpr const char* counting_base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr const char* counting_hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";

secret_key counting() {
    secret_key out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
    return out;
}

std::string first_complaint(std::string_view text) {
    complaints found;
    parse_keys(text, "/keys/cookie", found);
    return found.empty() ? "" : to_text(found.front());
}

TEST(key_files, reads_base64_and_hex) {
    for (const std::string& text :
         {std::string(counting_base64), std::string(counting_base64, 43), std::string(counting_hex),
          "# newest\n\n  " + std::string(counting_hex) + "\t\r\n"}) {
        complaints found;
        EXPECT_EQ(parse_keys(text, "f", found), key_list{counting()}) << text;
        EXPECT_TRUE(found.empty()) << to_text(found[0]);
    }
    complaints found;
    secret_key high;
    high.fill(0xff);
    high[31] = 0xfe;
    const key_list expected{high};
    EXPECT_EQ(parse_keys("//////////////////////////////////////////4=", "f", found), expected);
    EXPECT_EQ(parse_keys("__________________________________________4", "f", found), expected);
    EXPECT_TRUE(found.empty());
}

TEST(key_files, the_first_line_is_the_newest) {
    const key_list keys{make_key(), make_key(), make_key()};
    complaints found;
    EXPECT_EQ(parse_keys(format_keys(keys), "f", found), keys);
    EXPECT_TRUE(found.empty());
    EXPECT_EQ(format_keys({counting()}), std::string(counting_base64) + "\n");
}

TEST(key_files, complains_with_the_line) {
    const std::string good = std::string(counting_base64) + "\n";
    for (const std::string bad :
         {"short", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", // bits after the last byte
          "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh!=",
          "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
          "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
          "key: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGB"})
        EXPECT_THAT(
            first_complaint(good + "\n" + bad + "\n"),
            HasSubstr("/keys/cookie:3: error: not a key of 32 bytes in base64 or hex (make one with: ")
        ) << bad;
    EXPECT_THAT(
        first_complaint(good + good), HasSubstr("/keys/cookie:2: error: this key stands in the file already")
    );
    EXPECT_THAT(
        first_complaint(std::string(64, '0')), HasSubstr(":1: error: all 32 bytes of the key are the same")
    );
    EXPECT_THAT(first_complaint(""), HasSubstr("/keys/cookie: error: there is no key in it"));
    EXPECT_THAT(first_complaint("# none\n"), HasSubstr("/keys/cookie: error: there is no key in it"));
}

TEST(key_files, complaints_do_not_tell_secrets) {
    EXPECT_THAT(first_complaint(std::string(counting_base64) + "A"), testing::Not(HasSubstr("AAECAwQF")));
}

TEST(key_files, holds_sixteen_keys) {
    key_list keys;
    for (std::size_t i = 0; i < max_keys_per_file; ++i) keys.push_back(make_key());
    EXPECT_EQ(first_complaint(format_keys(keys)), "");
    keys.push_back(make_key());
    EXPECT_THAT(first_complaint(format_keys(keys)), HasSubstr("/keys/cookie:17: error: more than 16 keys"));
}

TEST(key_files, loads_a_directory) {
    const temporary_directory keys;
    const key_list cookie{make_key(), make_key()};
    keys.put("cookie", format_keys(cookie));
    keys.put("ticket", format_keys({make_key()}));
    keys.put("peer", std::string(counting_hex));
    complaints found;
    const auto loaded = load_keys(keys.path(), found);
    ASSERT_TRUE(loaded) << to_text(found.at(0));
    EXPECT_EQ(loaded->cookie, cookie);
    EXPECT_EQ(loaded->ticket.size(), 1u);
    EXPECT_EQ(loaded->peer, key_list{counting()});
    EXPECT_TRUE(loaded->durable);
}

TEST(key_files, names_every_file_that_is_missing_or_bad) {
    const temporary_directory keys;
    keys.put("cookie", "nonsense");
    keys.put("ticket", std::string(100'000, '\n'));
    complaints found;
    EXPECT_FALSE(load_keys(keys.path(), found));
    ASSERT_EQ(found.size(), 3u);
    EXPECT_THAT(to_text(found[0]), HasSubstr(keys.path() + "/cookie:1: error: not a key"));
    EXPECT_THAT(to_text(found[1]), HasSubstr(keys.path() + "/ticket: error: larger than 64 KiB"));
    EXPECT_THAT(
        to_text(found[2]), HasSubstr(keys.path() + "/peer: error: the key file is missing (make one with: ")
    );
}

TEST(key_files, names_a_directory_that_is_none) {
    const temporary_directory keys;
    complaints found;
    EXPECT_FALSE(load_keys(keys / "nowhere", found));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(to_text(found[0]), HasSubstr(keys.path() + "/nowhere: error: not a directory"));
    std::filesystem::create_directory(keys / "cookie");
    keys.put("ticket", format_keys({make_key()}));
    keys.put("peer", format_keys({make_key()}));
    found.clear();
    EXPECT_FALSE(load_keys(keys.path(), found));
    EXPECT_THAT(to_text(found.at(0)), HasSubstr("/cookie: error: cannot read: Is a directory"));
}

TEST(key_files, standing_alone_they_are_made_once) {
    const temporary_directory scratch;
    complaints found;
    key_set made;
    {
        std::string error;
        auto state = state_directory::open(scratch.path(), error);
        ASSERT_TRUE(state) << error;
        const auto first = standing_alone_keys(&*state, found);
        ASSERT_TRUE(first);
        made = *first;
    }
    EXPECT_TRUE(made.durable);
    ASSERT_EQ(made.cookie.size(), 1u);
    EXPECT_NE(made.cookie, made.ticket);
    EXPECT_NE(made.ticket, made.peer);
    std::string error;
    auto state = state_directory::open(scratch.path(), error);
    ASSERT_TRUE(state) << error;
    const auto again = standing_alone_keys(&*state, found);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->cookie, made.cookie);
    EXPECT_EQ(again->ticket, made.ticket);
    EXPECT_EQ(again->peer, made.peer);
    EXPECT_TRUE(found.empty());
}

TEST(key_files, a_damaged_key_is_told_and_kept) {
    const temporary_directory scratch;
    scratch.put("cookie.key", "damaged\n");
    std::string error;
    auto state = state_directory::open(scratch.path(), error);
    ASSERT_TRUE(state) << error;
    complaints found;
    EXPECT_FALSE(standing_alone_keys(&*state, found));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(to_text(found[0]), HasSubstr(scratch.path() + "/cookie.key:1: error: not a key"));
    EXPECT_EQ(scratch.get("cookie.key"), "damaged\n");
}

TEST(key_files, without_a_directory_they_last_as_long_as_the_process) {
    complaints found;
    const auto keys = standing_alone_keys(nullptr, found);
    ASSERT_TRUE(keys);
    EXPECT_FALSE(keys->durable);
    EXPECT_EQ(keys->cookie.size(), 1u);
    EXPECT_NE(keys->cookie, standing_alone_keys(nullptr, found)->cookie);
}

TEST(ticket_keys, are_rotated_and_kept) {
    const temporary_directory here;
    std::string error;
    auto state = state_directory::open(here.path() + "/state", error);
    ASSERT_TRUE(state) << error;
    complaints found;
    auto keys = standing_alone_keys(&*state, found)->ticket;
    const auto first = keys.front();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(rotate_ticket_keys(keys, 3, &*state, error)) << error;
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_EQ(keys.back(), first);
    EXPECT_EQ(standing_alone_keys(&*state, found)->ticket, keys);
    ASSERT_TRUE(rotate_ticket_keys(keys, 3, nullptr, error));
    EXPECT_EQ(keys.size(), 3U);
    EXPECT_EQ(std::count(keys.begin(), keys.end(), first), 0);
}

} // namespace
} // namespace adit
