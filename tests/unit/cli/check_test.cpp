#include "unit/cli/program.hpp"
#include "unit/core/temporary_directory.hpp"

#include "model/defaults.hpp"

#include <boost/json/parse.hpp>

namespace adit::cli {
namespace {

using test::adit;
using test::has;

TEST(check, a_good_file) {
    temporary_directory at;
    at.put("a.yaml", test::shop_yaml);
    const auto got = adit({"check", "--config", at / "a.yaml"});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.err, "");
    EXPECT_EQ(got.out, (at / "a.yaml") + ": ok: 2 routes, 3 tracks, 1 listener\n");
}

TEST(check, every_mistake_on_a_line_with_its_place) {
    temporary_directory at;
    at.put(
        "a.yaml", "listeners: [{address: \"127.0.0.1:0\"}]\n"
                  "routes:\n"
                  "- name: shop\n"
                  "  tracks:\n"
                  "    stable: {endpoints: [\"10.0.0.1:80\"]}\n"
                  "    canary: {endpoints: [\"10.0.0.2:80\"], wieght: 5}\n"
                  "    next: {endpoints: [\"10.0.0.2:80\"], weight: 101}\n"
    );
    const auto got = adit({"check", "--config", at / "a.yaml"});
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(got.out, "");
    EXPECT_TRUE(has(got.err, (at / "a.yaml") + ":6:")) << got.err;
    EXPECT_TRUE(has(got.err, "error: routes[0].tracks.canary.wieght: ")) << got.err;
    EXPECT_TRUE(has(got.err, (at / "a.yaml") + ":7:")) << got.err;
    EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 2) << got.err;
}

TEST(check, patterns_are_compiled) {
    temporary_directory at;
    at.put(
        "a.yaml",
        "routes:\n"
        "- {name: shop, match: {path: {regex: \"/a(b\"}}, tracks: {stable: {endpoints: [\"10.0.0.1:80\"]}}}\n"
    );
    const auto got = adit({"check", "--config", at / "a.yaml"});
    EXPECT_EQ(got.code, 1);
    EXPECT_TRUE(has(got.err, "routes[0].match.path")) << got.err;
}

TEST(check, warnings_are_told_and_do_no_harm) {
    temporary_directory at;
    at.put(
        "a.yaml",
        "routes:\n"
        "- {name: shop, tracks: {stable: {endpoints: []}, canary: {endpoints: [\"10.0.0.1:80\"]}}}\n"
    );
    const auto got = adit({"check", "--config", at / "a.yaml"});
    EXPECT_EQ(got.code, 0) << got.err;
    EXPECT_TRUE(has(got.err, "warning: ")) << got.err;
    EXPECT_TRUE(has(got.out, " warning")) << got.out;
}

TEST(check, a_file_that_is_not_there) {
    const auto got = adit({"check", "--config", "/nowhere/a.yaml"});
    EXPECT_EQ(got.code, 1);
    EXPECT_TRUE(has(got.err, "/nowhere/a.yaml: error: ")) << got.err;
}

TEST(check, as_json) {
    temporary_directory at;
    at.put("a.yaml", test::shop_yaml);
    at.put("b.yaml", "routes: 5\n");
    const auto good =
        boost::json::parse(adit({"check", "--config", at / "a.yaml", "-o", "json"}).out).as_object();
    EXPECT_TRUE(good.at("ok").as_bool());
    EXPECT_EQ(good.at("tracks").as_int64(), 3);
    const auto got = adit({"check", "--config", at / "b.yaml", "-o", "json"});
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(got.err, "");
    const auto bad = boost::json::parse(got.out).as_object();
    EXPECT_FALSE(bad.at("ok").as_bool());
    EXPECT_EQ(bad.at("complaints").as_array().at(0).as_object().at("key").as_string(), "routes");
}

TEST(check, the_defaults) {
    const auto got = adit({"check", "--defaults"});
    EXPECT_EQ(got.code, 0);
    EXPECT_EQ(got.err, "");
    for (const auto& one : model::defaults())
        EXPECT_TRUE(has(got.out, "\n" + std::string(one.key) + ' ')) << one.key;
    EXPECT_EQ(
        std::count(got.out.begin(), got.out.end(), '\n'), static_cast<long>(model::defaults().size()) + 1
    );
    const auto json = boost::json::parse(adit({"check", "--defaults", "-o", "json"}).out).as_object();
    EXPECT_EQ(json.at("defaults").as_array().size(), model::defaults().size());
}

} // namespace
} // namespace adit::cli
