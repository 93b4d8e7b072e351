#include "unit/source/ingress_world.hpp"

namespace adit::source::ingress {
namespace {

using subject = model::force_rule::subject;
using kind = model::value_match::kind;

world with_canary(world::words stable, world::words canary) {
    world w;
    w.service("a").service("b");
    w.ingress("s", 1, "x.test", "/ Prefix a, /pay Prefix a", stable);
    w.ingress("c", 2, "x.test", "/ Prefix b, /pay Prefix b", canary);
    return w;
}

TEST(own_annotations, keep_users_together_on_all_paths_of_an_ingress) {
    auto w = with_canary(
        {{"adit.dev/route", "{cohort: {cookie: adit}, respond: {server_timing: true}}"}},
        {{"canary", "true"}, {"canary-weight", "10"}}
    );
    const auto got = w.translate();
    for (const auto* name : {"shop/s/0/0", "shop/s/0/1"}) {
        const auto* one = find_route(got, name);
        ASSERT_TRUE(one && one->cohort) << all_complaints(got);
        EXPECT_EQ(one->cohort->name, "adit");
        EXPECT_TRUE(one->cohort->issue);
        EXPECT_EQ(one->cohort->salt, "shop/s");
        EXPECT_TRUE(one->tell_server_timing);
    }
    EXPECT_EQ(all_complaints(got), "");
}

TEST(own_annotations, force_by_cookie_value_query_source_and_several_header_values) {
    auto w = with_canary(
        {}, {{"canary", "true"},
             {"canary-by-header", "X-Next"},
             {"adit.dev/force",
              "[{header: {name: X-Team, value: blue}}, {header: {name: X-Team, regex: ^qa}}, "
              "{cookie: {name: plan, value: gold}}, {query: {name: next}}, {source: [10.1.0.0/16]}]"}}
    );
    const auto got = w.translate();
    const auto* one = find_route(got, "shop/s/0/0");
    ASSERT_TRUE(one) << all_complaints(got);
    ASSERT_EQ(one->force.size(), 7U); // and always, never
    const std::pair<subject, kind> wanted[] = {
        {subject::header, kind::exact},
        {subject::header, kind::regex},
        {subject::cookie, kind::exact},
        {subject::query, kind::present}};
    for (std::size_t i = 0; i < std::size(wanted); ++i) {
        EXPECT_EQ(one->force[i].what, wanted[i].first) << i;
        EXPECT_EQ(one->force[i].value.how, wanted[i].second) << i;
        EXPECT_EQ(one->force[i].track, "canary");
    }
    EXPECT_EQ(one->force[4].source.size(), 1U);
    EXPECT_EQ(one->force[5].value.text, "always");
}

TEST(own_annotations, set_headers_and_a_weight_of_one_track) {
    auto w = with_canary(
        {}, {{"canary", "true"},
             {"canary-weight", "50"},
             {"adit.dev/track", "{weight: 0.25, request_headers: {set: {X-Version: v2}}}"}}
    );
    const auto got = w.translate();
    const auto* one = find_route(got, "shop/s/0/0");
    ASSERT_TRUE(one) << all_complaints(got);
    ASSERT_EQ(one->tracks.size(), 2U);
    EXPECT_EQ(one->tracks[1].weight.hundredths, 25U);
    EXPECT_EQ(one->tracks[1].request_headers.set.size(), 1U);
    EXPECT_TRUE(one->tracks[0].request_headers.set.empty());
}

TEST(own_annotations, refuse_the_object_where_they_are_wrong_and_name_the_key) {
    const std::pair<const char*, const char*> rows[] = {
        {"{cohrt: {cookie: adit}}", "cohort"},
        {"{cohort: {cookie: adit}", "a key is a word"},
        {"{match: {hosts: [other.test]}}", "match: the Ingress says this"},
        {"{basic_auth: {file: /etc/passwd}}", "basic_auth: an Ingress says this by annotations"},
        {"{error_pages: {pages: [{status: 404, file: /keys/cookie}]}}", "error_pages: an Ingress says this"},
        {"just text", "a map is wanted"},
    };
    for (const auto& [text, wanted] : rows) {
        world w;
        w.service("a").ingress("s", 1, "x.test", "/ Prefix a", {{"adit.dev/route", text}});
        w.ingress("good", 2, "good.test", "/ Prefix a");
        const auto got = w.translate();
        EXPECT_EQ(names_of(got), "shop/good/0/0") << text;
        EXPECT_TRUE(complains(got, {"Ingress shop/s: adit.dev/route", wanted}))
            << text << all_complaints(got);
    }
}

TEST(own_annotations, warn_where_they_mean_nothing) {
    auto w = with_canary(
        {{"adit.dev/force", "[{query: {name: next}}]"}, {"adit.dev/rout", "{}"}},
        {{"canary", "true"}, {"adit.dev/route", "{cohort: {cookie: adit}}"}}
    );
    const auto got = w.translate();
    EXPECT_TRUE(complains(got, {"shop/s: adit.dev/force", "is no canary"})) << all_complaints(got);
    EXPECT_TRUE(complains(got, {"shop/s: adit.dev/rout", "did you mean route?"})) << all_complaints(got);
    EXPECT_TRUE(complains(got, {"shop/c: adit.dev/route", "those of the ordinary Ingress"}));
    EXPECT_FALSE(find_route(got, "shop/s/0/0")->cohort);
}

TEST(own_annotations, wait_for_a_track_that_is_not_there) {
    world w;
    w.service("a").ingress(
        "s", 1, "x.test", "/ Prefix a",
        {{"adit.dev/route", "{force: [{header: {name: X-Next, value: gold}, track: canary}]}"}}
    );
    const auto got = w.translate();
    const auto* one = find_route(got, "shop/s/0/0");
    ASSERT_TRUE(one) << all_complaints(got);
    EXPECT_TRUE(one->force.empty());
    EXPECT_TRUE(complains(got, {"shop/s", "name a track that is not there now"})) << all_complaints(got);
}

} // namespace
} // namespace adit::source::ingress
