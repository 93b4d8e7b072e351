#include "policy/content_coding.hpp"

#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace adit::policy {
namespace {

using coding = content_coding;

struct negotiation {
    std::vector<std::string> fields; // values of Accept-Encoding lines
    coding br_first, gzip_first, gzip_only;
};

TEST(choose_coding, weighs_what_the_client_says) {
    constexpr auto br = coding::br, gzip = coding::gzip, none = coding::identity;
    const negotiation cases[]{
        {{}, none, none, none},
        {{""}, none, none, none},
        {{"gzip"}, gzip, gzip, gzip},
        {{"GZip"}, gzip, gzip, gzip},
        {{"x-gzip"}, gzip, gzip, gzip},
        {{"br"}, br, br, none},
        {{"gzip, deflate, br"}, br, gzip, gzip},
        {{"gzip", "br"}, br, gzip, gzip},
        {{"deflate, zstd"}, none, none, none},
        {{"*"}, br, gzip, gzip},
        {{"*;q=0"}, none, none, none},
        {{"*;q=0.1, br;q=0"}, gzip, gzip, gzip},
        {{"gzip;q=0, *"}, br, br, none},
        {{"gzip;q=0"}, none, none, none},
        {{"gzip;q=0.000"}, none, none, none},
        {{"gzip;q=0.001"}, gzip, gzip, gzip},
        {{"gzip;q=1.0, br;q=0.9"}, gzip, gzip, gzip},
        {{"br ; q=0.4 , gzip ;q=0.3"}, br, br, gzip},
        {{"br;Q=0.4,gzip;Q=0.9"}, gzip, gzip, gzip},
        {{"gzip, identity"}, gzip, gzip, gzip},
        {{"identity, gzip;q=0.5"}, none, none, none},
        {{"identity;q=0.5, gzip;q=0.5"}, gzip, gzip, gzip},
        {{"identity;q=0"}, none, none, none},
        {{"identity;q=0, br;q=0.1"}, br, br, none},
        {{"identity;q=0, *;q=0.5"}, br, gzip, gzip},
        {{"gzip;level=9;q=0"}, none, none, none},
        // Malformed weights are not taken for a wish.
        {{"gzip;q=2"}, none, none, none},
        {{"gzip;q=1.001"}, none, none, none},
        {{"gzip;q=0.0001"}, none, none, none},
        {{"gzip;q=-1"}, none, none, none},
        {{"gzip;q="}, none, none, none},
        {{"gzip;q=0.x"}, none, none, none},
        {{",,, gzip ,,"}, gzip, gzip, gzip},
        {{"gzipx, xbr"}, none, none, none},
    };
    const coding both[]{br, gzip}, turned[]{gzip, br}, one[]{gzip};
    for (const auto& each : cases) {
        tests::request::field_list fields;
        std::string told;
        for (const auto& value : each.fields)
            fields.emplace_back("Accept-Encoding", value), told += value + '|';
        const tests::request from("/", fields);
        EXPECT_EQ(choose_coding(from.head(), both), each.br_first) << told;
        EXPECT_EQ(choose_coding(from.head(), turned), each.gzip_first) << told;
        EXPECT_EQ(choose_coding(from.head(), one), each.gzip_only) << told;
    }
}

TEST(choose_coding, does_not_see_what_was_dropped) {
    tests::request from("/", {{"Accept-Encoding", "gzip"}});
    from.head().fields()[0].dropped = true;
    const coding offered[]{coding::gzip};
    EXPECT_EQ(choose_coding(from.head(), offered), coding::identity);
}

} // namespace
} // namespace adit::policy
