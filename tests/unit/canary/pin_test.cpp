// The track that a sticky cookie pins its client to.
#include "canary/choose.hpp"
#include "canary/explain.hpp"

#include "unit/canary/routes.hpp"

namespace adit::canary {
namespace {

using model::sticky;
using tests::request;

// Stable and two canaries of weight 0, each with a tag as ingress-nginx writes its backends' keys, and a
// force rule for each.
model::route pinned(sticky::pin how) {
    auto route = make_route({{"canary", 0}, {"beta", 0}});
    route.balance.sticky.emplace();
    route.balance.sticky->cookie = "INGRESSCOOKIE";
    route.balance.sticky->pins = how;
    route.tracks[0].sticky_tag = "5ab1";
    route.tracks[1].sticky_tag = "ca7a";
    const auto exact = model::value_match::kind::exact;
    route.force = {
        rule(model::force_rule::subject::header, "X-Next", exact, "always", "canary"),
        rule(model::force_rule::subject::header, "X-Next", exact, "never", "stable")};
    route.incoming_colour =
        model::colour{.accept_canary_flag = true, .from = {*parse_prefix("192.0.2.0/24")}};
    return route;
}

std::string chosen(const chooser& by, const request& one, const cuts& now) {
    random_source random(1);
    const auto made = by.choose(one.head(), peer, now, random);
    EXPECT_FALSE(made.randomised && made.why == reason::pin);
    return std::string(by.track_name(made.track)).append(" ").append(to_text(made.why));
}

cuts killed(const model::route& route) {
    auto out = make_cuts(route);
    out.killed = true;
    return out;
}

TEST(a_pin, is_where_the_cookie_names_a_track) {
    const auto route = pinned(sticky::pin::track);
    const auto by = compile(route);
    const std::pair<const char*, const char*> rows[]{
        {"INGRESSCOOKIE=1.2.3|ca7a", "canary pin"},   {"INGRESSCOOKIE=|ca7a", "canary pin"},
        {"INGRESSCOOKIE=1.2.3|5ab1", "stable pin"},   {"a=b; INGRESSCOOKIE=1.2.3|ca7a; c=d", "canary pin"},
        {"INGRESSCOOKIE=1|beta", "beta pin"}, // the name of a track that has no tag
        {"INGRESSCOOKIE=1|canary", "stable only"},    {"INGRESSCOOKIE=1|CA7A", "stable only"},
        {"INGRESSCOOKIE=1|ca7a|ca7a", "stable only"}, {"INGRESSCOOKIE=1|", "stable only"},
        {"INGRESSCOOKIE=ca7a", "stable only"},        {"INGRESSCOOKIE=", "stable only"},
        {"ingresscookie=1|ca7a", "stable only"},      {"other=1|ca7a", "stable only"},
    };
    for (const auto& [cookie, wanted] : rows)
        EXPECT_EQ(chosen(by, request("/", {{"Cookie", cookie}}), make_cuts(route)), wanted) << cookie;
}

TEST(a_pin, has_its_place_in_the_order) {
    struct row {
        const char *cookie, *next, *flag;
        const char *as_track, *as_strict, *as_none;
    };
    const row rows[]{
        // No cookie: as ever.
        {"a=b", "always", "", "canary force-header", "canary force-header", "canary force-header"},
        {"a=b", "", "true", "canary colour", "canary colour", "canary colour"},
        // The order of ingress-nginx is that of `strict`: its cookie beats `always` as well as `never`.
        {"INGRESSCOOKIE=1|5ab1", "always", "", "canary force-header", "stable pin", "canary force-header"},
        {"INGRESSCOOKIE=1|ca7a", "never", "", "stable force-header", "canary pin", "stable force-header"},
        {"INGRESSCOOKIE=1|5ab1", "", "true", "canary colour", "stable pin", "canary colour"},
        {"INGRESSCOOKIE=1|ca7a", "other", "", "canary pin", "canary pin", "stable only"},
        {"INGRESSCOOKIE=1|ca7a", "", "", "canary pin", "canary pin", "stable only"},
    };
    for (const auto& one : rows) {
        request::field_list fields{{"Cookie", one.cookie}};
        if (*one.next) fields.emplace_back("X-Next", one.next);
        if (*one.flag) fields.emplace_back("X-Canary", one.flag);
        const std::pair<sticky::pin, const char*> ways[]{
            {sticky::pin::track, one.as_track},
            {sticky::pin::strict, one.as_strict},
            {sticky::pin::none, one.as_none}};
        for (const auto& [how, wanted] : ways) {
            const auto route = pinned(how);
            EXPECT_EQ(chosen(compile(route), request("/", fields), make_cuts(route)), wanted)
                << one.cookie << ' ' << one.next << ' ' << one.flag;
        }
    }
}

TEST(a_pin, outlives_weights_but_not_a_kill) {
    for (const auto how : {sticky::pin::track, sticky::pin::strict}) {
        auto route = pinned(how);
        route.tracks[1].weight = {model::weight::whole};
        const auto by = compile(route);
        const request to_stable("/", {{"Cookie", "INGRESSCOOKIE=1|5ab1"}});
        const request to_canary("/", {{"Cookie", "INGRESSCOOKIE=1|ca7a"}});
        EXPECT_EQ(chosen(by, to_stable, make_cuts(route)), "stable pin"); // although the canary has it all
        EXPECT_EQ(chosen(by, request("/"), make_cuts(route)), "canary dice");
        EXPECT_EQ(chosen(by, to_canary, make_cuts(route)), "canary pin");
        EXPECT_EQ(chosen(by, to_canary, killed(route)), "stable killed");
        EXPECT_EQ(chosen(by, to_stable, killed(route)), "stable pin");
    }
}

// `affinity-canary-behavior: legacy`: the canary has no cookie of its own, that of stable still pins to
// stable.
TEST(a_pin, is_not_to_a_track_that_does_not_stick) {
    auto route = pinned(sticky::pin::strict);
    route.tracks[1].balance.emplace();
    const auto by = compile(route);
    EXPECT_EQ(route.sticky_tag_of(route.tracks[1]), "");
    EXPECT_EQ(
        chosen(by, request("/", {{"Cookie", "INGRESSCOOKIE=1|ca7a"}}), make_cuts(route)), "stable only"
    );
    EXPECT_EQ(chosen(by, request("/", {{"Cookie", "INGRESSCOOKIE=1|5ab1"}}), make_cuts(route)), "stable pin");
}

TEST(a_pin, is_explained) {
    const auto route = pinned(sticky::pin::strict);
    const auto by = compile(route);
    random_source random(1);
    const request one("/", {{"Cookie", "INGRESSCOOKIE=1|ca7a"}, {"X-Next", "never"}});
    const auto story = explain(by, route, one.head(), peer, make_cuts(route), random);
    EXPECT_EQ(story.why, "canary, which the cookie INGRESSCOOKIE pins it to");
    EXPECT_EQ(story.pin, "the cookie INGRESSCOOKIE pins the request to canary, before any force rule");
    for (const auto& line : story.force) EXPECT_EQ(line.what, rule_line::outcome::not_reached);
    const auto none = explain(by, route, request("/").head(), peer, make_cuts(route), random);
    EXPECT_EQ(none.pin, "the cookie INGRESSCOOKIE pins the request to no track, before any force rule");
    EXPECT_EQ(
        explain(compile(make_route()), make_route(), one.head(), peer, make_cuts(route), random).pin, ""
    );
}

} // namespace
} // namespace adit::canary
