#include "cli/weights_document.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace adit::cli {
namespace {

using namespace std::chrono;

canary::wall_time moment(std::int64_t nanoseconds_since_1970) {
    return canary::wall_time(nanoseconds(nanoseconds_since_1970));
}

canary::authority_state full_state() {
    canary::authority_state out;
    out.generation = 18'446'744'073'709'551'615U;
    out.overrides = {
        {"shop",
         {{"canary", {1250}}, {"next", {1}}},
         {{"canary", {500}}, {"next", {0}}},
         {"Jürgen 日本 🚦", moment(1'772'366'400'123'456'789)}},
        {"team/web.2", {{"canary", {10'000}}}, {{"canary", {29}}}, {"\"quoted\"\\ \n\x01", moment(0)}},
        {"bare", {}, {}, {}}};
    out.kill.everything = true;
    out.kill.done = {"ops: too many errors", moment(-1)};
    out.kill.routes = {{"shop", {"a", moment(1'000'000'000)}}, {"api", {"", moment(1)}}};
    return out;
}

std::optional<canary::authority_state> read(std::string_view text, std::string* why = nullptr) {
    std::string error;
    auto out = read_weights_document(text, error);
    EXPECT_EQ(out.has_value(), error.empty()) << error;
    if (why) *why = error;
    return out;
}

TEST(weights_document, round_trips) {
    const auto state = full_state();
    const auto got = read(write_weights_document(state));
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, state);
    const canary::authority_state nothing;
    EXPECT_EQ(read(write_weights_document(nothing)), nothing);
}

TEST(weights_document, every_weight_round_trips) {
    canary::authority_state state;
    for (std::uint32_t i = 0; i <= 10'000; ++i)
        state.overrides.push_back({"r", {{"canary", {i}}}, {{"canary", {10'000 - i}}}, {}});
    EXPECT_EQ(read(write_weights_document(state)), state);
}

TEST(weights_document, is_what_it_says) {
    canary::authority_state state;
    state.generation = 7;
    state.overrides = {
        {"shop", {{"canary", {1250}}}, {{"canary", {500}}}, {"ops", moment(1'772'366'400'500'000'000)}}};
    EXPECT_EQ(write_weights_document(state), R"({
  "version": 1,
  "generation": 7,
  "overrides": [
    {
      "by": "ops",
      "at": "2026-03-01T12:00:00.5Z",
      "route": "shop",
      "weights": {
        "canary": 12.5
      },
      "declared": {
        "canary": 5
      }
    }
  ],
  "kill": {
    "routes": {}
  }
}
)");
}

TEST(weights_document, what_is_no_text_is_made_one_and_read_back) {
    canary::authority_state state;
    state.overrides = {{"shop", {}, {}, {"caf\xE9", {}}}};
    const auto got = read(write_weights_document(state));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->overrides.at(0).done.by, "caf\xEF\xBF\xBD");
}

TEST(weights_document, unknown_and_absent_members_do_no_harm) {
    const auto got = read(R"({"version": 1, "later": {"x": [1]}, "kill": null, "overrides": [
        {"route": "shop", "weights": {"canary": 1.25e1}, "declared": {}, "note": "x"}]})");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->generation, 0U);
    EXPECT_TRUE(got->kill.empty());
    ASSERT_EQ(got->overrides.size(), 1U);
    EXPECT_EQ(got->overrides[0].weights.at("canary").hundredths, 1250U);
    EXPECT_EQ(got->overrides[0].done, canary::deed{});
    EXPECT_TRUE(read("{\"version\":1}"));
    EXPECT_TRUE(read("{\"version\":1,\"kill\":{\"everything\":{}}}")->kill.everything);
}

struct bad_document {
    const char* text;
    const char* error;
};

TEST(weights_document, mistakes_have_names) {
    const bad_document documents[] = {
        {"[]", "the document is not an object"},
        {"{}", "the document \"version\" is missing"},
        {"{\"version\":\"1\"}", "version: is not a whole number from 0"},
        {"{\"version\":2}", "version: is 2, and only 1 is known here: a later adit wrote this"},
        {"{\"version\":1,\"generation\":-1}", "generation: is not a whole number from 0"},
        {"{\"version\":1,\"generation\":1.5}", "generation: is not a whole number from 0"},
        {"{\"version\":1,\"overrides\":{}}", "overrides: is not a list"},
        {"{\"version\":1,\"overrides\":[5]}", "overrides[0]: is not an object"},
        {"{\"version\":1,\"overrides\":[{}]}", "overrides[0]: \"route\" is missing"},
        {"{\"version\":1,\"overrides\":[{\"route\":5}]}", "overrides[0].route: is not a text"},
        {"{\"version\":1,\"overrides\":[{\"route\":\"a\",\"weights\":{\"c\":\"5\"},\"declared\":{}}]}",
         "overrides[0].weights.c: a weight is a number of percent"},
        {"{\"version\":1,\"overrides\":[{\"route\":\"a\",\"weights\":{\"c\":-1},\"declared\":{}}]}",
         "overrides[0].weights.c: a weight cannot be negative"},
        {"{\"version\":1,\"overrides\":[{\"route\":\"a\",\"weights\":{},\"declared\":{\"c\":100.01}}]}",
         "overrides[0].declared.c: a weight is at most 100"},
        {"{\"version\":1,\"overrides\":[{\"route\":\"a\",\"weights\":{\"c\":60,\"d\":60},\"declared\":{}}]}",
         "overrides[0].weights: the weights add up to more than 100"},
        {"{\"version\":1,\"overrides\":[{\"route\":\"a\",\"weights\":{},\"declared\":{},\"at\":\"noon\"}]}",
         "overrides[0].at: is not a time such as 2026-03-01T12:00:00Z"},
        {"{\"version\":1,\"kill\":true}", "kill: is not an object"},
        {"{\"version\":1,\"kill\":{\"everything\":true}}", "kill.everything: is not an object"},
        {"{\"version\":1,\"kill\":{\"routes\":{\"shop\":{\"at\":5}}}}", "kill.routes.shop.at: is not a text"},
    };
    for (const auto& one : documents) {
        std::string why;
        EXPECT_FALSE(read(one.text, &why)) << one.text;
        EXPECT_EQ(why, one.error) << one.text;
    }
}

TEST(weights_document, garbage) {
    for (const auto* text : {"", " ", "x", "{", "{\"version\":1", "{\"version\":1}x", "\xFF\xFE", "null"}) {
        std::string why;
        EXPECT_FALSE(read(text, &why)) << text;
        EXPECT_TRUE(why.starts_with("the document is not ")) << why;
    }
    EXPECT_FALSE(read(std::string(100'000, '[')));
    // Any document that was cut somewhere, as after a crash of something that is not ours.
    const auto whole = write_weights_document(full_state());
    const auto end = whole.rfind('}');
    for (std::size_t size = 0; size <= end; ++size)
        EXPECT_FALSE(read(std::string_view(whole).substr(0, size))) << size;
}

} // namespace
} // namespace adit::cli
