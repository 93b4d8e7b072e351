#include "canary/explain.hpp"

#include "unit/canary/routes.hpp"

namespace adit::canary {
namespace {

using match = model::value_match::kind;
using subject = model::force_rule::subject;
using tests::request;

model::route full_route() {
    auto route = make_route({{"canary", 1250}, {"beta", 500}});
    model::force_rule source;
    source.what = subject::source;
    source.source = {*parse_prefix("10.0.0.0/8"), *parse_prefix("fd00::/8")};
    source.track = "beta";
    route.force = {
        rule(subject::header, "X-Next", match::exact, "gold", "canary"), source,
        rule(subject::cookie, "next", match::regex, "^y", "canary"),
        rule(subject::query, "try", match::present, "", "beta")};
    route.cohort = model::cohort{model::cohort::key::cookie, "adit", "", true, false};
    return route;
}

track_story
tell(const model::route& route, const request& r, bool killed = false, const model::colour& colour = {}) {
    const auto by = compile(route, colour);
    auto now = make_cuts(route);
    now.killed = killed;
    random_source random(1), same(1);
    auto story = explain(by, route, r.head(), peer, now, random);
    const auto made = by.choose(r.head(), peer, now, same);
    EXPECT_EQ(story.made.track, made.track);
    EXPECT_EQ(story.made.why, made.why);
    EXPECT_EQ(story.track, by.track_name(made.track));
    return story;
}

std::string rules(const track_story& story) {
    std::string out;
    for (const auto& line : story.force)
        out.append(line.rule)
            .append(" -> ")
            .append(line.track)
            .append(": ")
            .append(to_text(line.what))
            .append(line.found.empty() ? "\n" : " (" + line.found + ")\n");
    return out;
}

TEST(explain, every_rule_with_its_match_or_miss) {
    const auto story = tell(full_route(), request("/?a=b", {{"X-Next", "silver"}, {"Cookie", "next=yes"}}));
    EXPECT_EQ(
        rules(story), "header X-Next is \"gold\" -> canary: missed (\"silver\")\n"
                      "source in 10.0.0.0/8 fd00::/8 -> beta: missed (192.0.2.7)\n"
                      "cookie next matches \"^y\" -> canary: matched (\"yes\")\n"
                      "query parameter try is there -> beta: not reached\n"
    );
    EXPECT_EQ(story.why, "canary by force rule 3");
    EXPECT_EQ(story.colour, "the request carries no colour");
}

TEST(explain, the_cohort_with_bucket_and_range) {
    const auto bucket = bucket_of(salt_seed("shop"), "user-1");
    ASSERT_EQ(bucket, 1420);
    const auto story = tell(full_route(), request("/", {{"Cookie", "adit=user-1"}}));
    EXPECT_EQ(story.cohort, "key is the cookie adit, bucket 1420");
    EXPECT_EQ(story.why, "stable, for bucket 1420 is in its range (the rest; 82.5 %)");
    ASSERT_EQ(story.weights.size(), 3U);
    EXPECT_EQ(story.weights[0].range, "the rest");
    EXPECT_EQ(story.weights[1].range, "0-1249");
    EXPECT_EQ(story.weights[2].range, "9500-9999");
    EXPECT_EQ(story.weights[1].weight, 1250U);
    EXPECT_EQ(story.weights[1].total, 10'000U);
    EXPECT_EQ(story.weights[1].buckets, 1250U);
    EXPECT_EQ(story.dice, "");
}

TEST(explain, a_missing_or_forged_key) {
    const auto absent = tell(full_route(), request("/"));
    EXPECT_EQ(
        absent.cohort, "key is the cookie adit, which the request lacks: issued anew, bucket " +
                           std::to_string(absent.made.bucket)
    );
    const auto forged =
        tell(full_route(), request("/", {{"Cookie", "adit=v1.AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBB"}}));
    EXPECT_TRUE(forged.cohort.starts_with(
        "key is the cookie adit, whose value is not signed with a key of ours: issued"
    )) << forged.cohort;
}

TEST(explain, dice) {
    const auto route = make_route({{"canary", 10'000}});
    const auto story = tell(route, request("/"));
    EXPECT_EQ(story.cohort, "the route has no cohort: dice for each request");
    EXPECT_EQ(story.dice, "drew " + std::to_string(story.made.draw) + " of 0-9999, which is canary's");
    EXPECT_EQ(story.why, "canary by dice (100 %)");
}

TEST(explain, colour_and_what_is_removed) {
    const auto off = tell(full_route(), request("/", {{"X-Version-Route", "beta"}, {"X-Canary", "true"}}));
    EXPECT_EQ(off.colour, "incoming colour is off; X-Canary is removed; X-Version-Route is removed");
    const model::colour mine{true, true, {*parse_prefix("192.0.2.0/24")}};
    const auto on = tell(full_route(), request("/", {{"X-Version-Route", "beta"}}), false, mine);
    EXPECT_EQ(on.colour, "asks for beta and is believed");
    EXPECT_EQ(on.why, "beta by incoming colour");
    const model::colour others{true, true, {*parse_prefix("10.0.0.0/8")}};
    const auto no = tell(full_route(), request("/", {{"X-Version-Route", "beta"}}), false, others);
    EXPECT_EQ(
        no.colour,
        "192.0.2.7 is not believed, or the colour names no track of this route; X-Version-Route is removed"
    );
}

TEST(explain, the_kill_switch_and_no_weight) {
    const auto killed = tell(full_route(), request("/"), true);
    EXPECT_TRUE(killed.killed);
    EXPECT_EQ(killed.why, "stable, for the kill switch is on");
    EXPECT_EQ(tell(make_route(), request("/")).why, "stable, for no other track has weight");
}

} // namespace
} // namespace adit::canary
