// The vocabularies: field names, methods, refusals, status phrases, classes of octets.
#include "core/bytes.hpp"
#include "http/field_id.hpp"
#include "http/method.hpp"
#include "http/octets.hpp"
#include "http/refusal.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace adit::http {

namespace {

TEST(field_id, every_name_is_known_in_any_case) {
    std::set<std::string> seen;
    for (std::size_t i = 1; i < field_id_count; ++i) {
        const auto id = static_cast<field_id>(i);
        const std::string name{to_text(id)};
        EXPECT_TRUE(seen.insert(to_lower(name)).second) << name;
        auto upper = name;
        for (auto& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
        EXPECT_EQ(parse_field_id(name), id) << name;
        EXPECT_EQ(parse_field_id(to_lower(name)), id) << name;
        EXPECT_EQ(parse_field_id(upper), id) << name;
        // near misses
        EXPECT_EQ(parse_field_id(name + "x"), field_id::unknown);
        EXPECT_EQ(parse_field_id("x" + name), field_id::unknown);
        for (std::size_t at = 0; at < name.size(); ++at) {
            auto other = name;
            other[at] = other[at] == '-' ? '_' : '~';
            EXPECT_EQ(parse_field_id(other), field_id::unknown) << other;
            for (int c = 0; c < 256; ++c) {
                other[at] = static_cast<char>(c);
                const bool same = iequals(other, name);
                EXPECT_EQ(parse_field_id(other), same ? id : field_id::unknown) << other;
            }
        }
    }
    EXPECT_EQ(parse_field_id(""), field_id::unknown);
    EXPECT_EQ(parse_field_id("\xff"), field_id::unknown);
    EXPECT_EQ(parse_field_id(std::string(40'000, 'a')), field_id::unknown);
    EXPECT_EQ(to_text(field_id::unknown), "");
}

TEST(method, names_are_case_sensitive) {
    for (std::size_t i = 0; i + 1 < method_count; ++i) {
        const auto value = static_cast<method>(i);
        const std::string name{to_text(value)};
        EXPECT_EQ(parse_method(name), value);
        EXPECT_EQ(parse_method(to_lower(name)), method::other);
        EXPECT_EQ(parse_method(name + "S"), method::other);
    }
    EXPECT_EQ(parse_method("other"), method::other);
    EXPECT_EQ(parse_method(""), method::other);
    EXPECT_EQ(to_text(method::other), "other");
    for (const auto value :
         {method::get, method::head, method::put, method::delete_, method::options, method::trace})
        EXPECT_TRUE(is_idempotent(value));
    for (const auto value : {method::post, method::patch, method::connect, method::other})
        EXPECT_FALSE(is_idempotent(value));
}

// A row forgotten in the table would move all rows behind it.
TEST(refusal, table_is_in_step_with_the_enumeration) {
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        const auto& row = traits(static_cast<refusal>(i));
        EXPECT_TRUE(words.insert(row.word).second) << row.word;
        for (const char c : row.word)
            EXPECT_TRUE((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') << row.word;
        for (const char c : row.detail)
            EXPECT_TRUE(c >= ' ' && c < 0x7f && c != '"' && c != '\\') << row.word;
        EXPECT_EQ(row.detail.empty(), i == 0);
        EXPECT_EQ(status_phrase(row.status).empty(), row.status == 0) << row.word;
        EXPECT_TRUE(row.closes || row.status != 0 || i == 0) << row.word;
    }
    EXPECT_EQ(traits(refusal::none).word, "none");
    EXPECT_EQ(traits(refusal::bad_host).word, "bad-host");
    EXPECT_EQ(traits(refusal::bad_chunk).word, "bad-chunk");
    EXPECT_EQ(traits(refusal::too_many_fields).word, "too-many-fields");
    EXPECT_EQ(traits(refusal::no_route).word, "no-route");
    EXPECT_EQ(traits(refusal::unwanted_upgrade).word, "unwanted-upgrade");
    EXPECT_EQ(traits(refusal::internal_error).word, "internal-error");
}

TEST(refusal, phrases) {
    EXPECT_EQ(status_phrase(200), "OK");
    EXPECT_EQ(status_phrase(511), "Network Authentication Required");
    for (const unsigned status : {0U, 99U, 299U, 306U, 418U, 599U, 1000U})
        EXPECT_EQ(status_phrase(status), "");
}

TEST(octets, classes) {
    const std::string tokens =
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (int c = 0; c < 256; ++c) {
        const auto octet = static_cast<char>(c);
        EXPECT_EQ(is_token_octet(octet), c != 0 && tokens.find(octet) != std::string::npos) << c;
        EXPECT_EQ(is_control(octet), (c < 32 && c != 9) || c == 127) << c;
    }
}

TEST(octets, token_size) {
    for (std::size_t size = 0; size < 50; ++size)
        for (int c = 0; c < 256; ++c)
            for (std::size_t at = 0; at < size; ++at) {
                const std::unique_ptr<char[]> text{new char[size]};
                for (std::size_t i = 0; i < size; ++i) text[i] = "aZ0-z9A_.~"[(i + size) % 10];
                text[at] = static_cast<char>(c);
                const bool token = is_token_octet(static_cast<char>(c));
                ASSERT_EQ(token_size({text.get(), size}), token ? size : at);
            }
}

// Sixteen at a time must say what one at a time says, wherever the octet and the text lie.
TEST(octets, find_control) {
    for (std::size_t size = 0; size < 70; ++size)
        for (int c = 0; c < 256; ++c)
            for (std::size_t at = 0; at<size; at += size> 40 ? 3 : 1) {
                const std::unique_ptr<char[]> text{new char[size]};
                std::fill_n(text.get(), size, c & 1 ? '\xe9' : '\t');
                text[at] = static_cast<char>(c);
                const bool control = is_control(static_cast<char>(c));
                EXPECT_EQ(find_control(text.get(), text.get() + size), text.get() + (control ? at : size));
            }
}

TEST(octets, find_control_finds_the_first) {
    std::string text(64, 'x');
    for (std::size_t second = 63; second > 0; --second)
        for (std::size_t first = 0; first < second; ++first) {
            auto two = text;
            two[first] = '\r';
            two[second] = '\n';
            ASSERT_EQ(find_control(two.data(), two.data() + two.size()), two.data() + first);
        }
}

} // namespace

} // namespace adit::http
