#include "canary/choose.hpp"

#include "unit/canary/routes.hpp"

#include <cmath>

namespace adit::canary {
namespace {

using match = model::value_match::kind;
using subject = model::force_rule::subject;
using tests::request;

// "track reason" of one choice.
std::string
chosen(const chooser& by, const model::route& route, const request& r, const ip_address& from = peer) {
    random_source random(1);
    const auto made = by.choose(r.head(), from, make_cuts(route), random);
    return std::string(by.track_name(made.track)).append(" ").append(to_text(made.why));
}

TEST(choose, force_by_header_exact_regex_and_present) {
    auto route = make_route({{"canary", 0}, {"beta", 0}, {"gamma", 0}});
    route.force = {
        rule(subject::header, "X-Next", match::exact, "gold", "canary"),
        rule(subject::header, "user-agent", match::regex, "Beta[0-9]+", "beta"),
        rule(subject::header, "X-Any", match::present, "", "gamma"),
    };
    const auto by = compile(route);
    EXPECT_EQ(chosen(by, route, request("/")), "stable only");
    EXPECT_EQ(chosen(by, route, request("/", {{"x-next", "gold"}})), "canary force-header");
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Next", "Gold"}})), "stable only");
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Next", "gold"}, {"x-next", "gold"}})), "stable only");
    EXPECT_EQ(chosen(by, route, request("/", {{"User-Agent", "x Beta7 y"}})), "beta force-header");
    EXPECT_EQ(chosen(by, route, request("/", {{"User-Agent", "x beta7 y"}})), "stable only");
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Any", ""}})), "gamma force-header");
    EXPECT_EQ(
        chosen(by, route, request("/", {{"X-Any", ""}, {"X-Next", "gold"}})), "canary force-header"
    ); // as written
}

TEST(choose, force_by_the_names_of_nginx) {
    auto route = make_route();
    route.force = {
        rule(subject::header, "X_Next", match::exact, "always", "canary"),
        rule(subject::cookie, "next", match::exact, "always", "canary"),
    };
    for (auto& one : route.force) one.nginx_names = true;
    const auto by = compile(route);
    EXPECT_EQ(chosen(by, route, request("/", {{"x-next", "always"}})), "canary force-header");
    EXPECT_EQ(chosen(by, route, request("/", {{"Cookie", "NEXT=always"}})), "canary force-cookie");
    EXPECT_EQ(chosen(by, route, request("/", {{"Cookie", "NEXT=always ; a=b"}})), "stable only");
}

TEST(choose, a_pattern_that_gives_up_is_a_miss_or_stable) {
    auto route = make_route();
    route.force = {
        rule(subject::header, "X-Next", match::regex, "^(a+)+$", "canary"),
        rule(subject::cookie, "next", match::exact, "always", "canary"),
    };
    const request r("/", {{"X-Next", std::string(40, 'a') + "b"}, {"Cookie", "next=always"}});
    EXPECT_EQ(chosen(compile(route), route, r), "canary force-cookie");
    route.force[0].error_is_stable = true;
    const auto by = compile(route);
    EXPECT_EQ(chosen(by, route, r), "stable force-header");
    random_source random(1);
    const auto made = by.choose(r.head(), peer, make_cuts(route), random);
    EXPECT_TRUE(made.pattern_error);
    EXPECT_EQ(made.rule, 0);
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Next", "aaa"}})), "canary force-header");
    EXPECT_EQ(
        chosen(by, route, request("/", {{"X-Next", "b"}, {"Cookie", "next=always"}})), "canary force-cookie"
    );
}

TEST(choose, a_dropped_field_is_not_there_but_for_upgrade) {
    auto route = make_route();
    route.force = {
        rule(subject::header, "X_Next", match::present, "", "canary"),
        rule(subject::header, "Upgrade", match::exact, "websocket", "canary"),
    };
    const auto by = compile(route);
    request r("/", {{"X_Next", "1"}});
    EXPECT_EQ(chosen(by, route, r), "canary force-header");
    r.head().fields()[0].dropped = true;
    EXPECT_EQ(chosen(by, route, r), "stable only");
    request upgrade("/", {{"Upgrade", "websocket"}});
    upgrade.head().fields()[0].dropped = true;
    EXPECT_EQ(chosen(by, route, upgrade), "canary force-header");
}

TEST(choose, force_by_cookie) {
    auto route = make_route();
    route.force = {rule(subject::cookie, "next", match::exact, "always", "canary")};
    const auto by = compile(route);
    const std::vector<std::pair<request::field_list, bool>> cases{
        {{{"Cookie", "next=always"}}, true},
        {{{"Cookie", "a=b; next=always; c=d"}}, true},
        {{{"Cookie", "a=b;next=always"}}, true},
        {{{"Cookie", "a=b"}, {"Cookie", "next=always"}}, true},
        {{{"Cookie", "next = always"}}, true},
        {{{"Cookie", "next=never; next=always"}}, false}, // the first counts
        {{{"Cookie", "next=never"}, {"Cookie", "next=always"}}, false},
        {{{"Cookie", "Next=always"}}, false},     // names have case
        {{{"Cookie", "next=\"always\""}}, false}, // quotes belong to the value
        {{{"Cookie", "next=always=x"}}, false},
        {{{"Cookie", "xnext=always"}}, false},
        {{{"Cookie", "next"}}, false},
        {{{"Cookie", ""}}, false},
        {{{"X-Cookie", "next=always"}}, false},
    };
    for (const auto& [fields, forced] : cases)
        EXPECT_EQ(chosen(by, route, request("/", fields)), forced ? "canary force-cookie" : "stable only")
            << fields[0].second;
}

TEST(choose, cookies_may_be_looked_up_as_nginx_does) {
    const request r("/", {{"Cookie", "NEXT=a"}, {"Cookie", "next=b"}});
    EXPECT_EQ(http::find_cookie(r.head(), "next"), "b");
    EXPECT_EQ(http::find_cookie(r.head(), "next", true), "a");
    EXPECT_EQ(http::find_cookie(r.head(), "nex").data(), nullptr);
}

TEST(choose, force_by_query) {
    auto route = make_route();
    route.force = {
        rule(subject::query, "track", match::exact, "new version", "canary"),
        rule(subject::query, "x", match::regex, "^%$", "canary"),
        rule(subject::query, "flag", match::present, "", "canary"),
    };
    const auto by = compile(route);
    for (const char* target :
         {"/?track=new+version", "/?track=new%20version", "/?a=b&track=new+version",
          "/?tr%61ck=n%65w%20version", "/?&&track=new+version&", "/?x=%25", "/?x=%", "/?flag",
          "/?flag=", "/?a&flag&b"})
        EXPECT_EQ(chosen(by, route, request(target)), "canary force-query") << target;
    for (const char* target :
         {"/", "/?", "/?track", "/?track=new", "/?track=x&track=new+version", "/?Track=new+version",
          "/track=new+version", "/?flags", "/?fla", "/?x=%2", "/?a=flag"})
        EXPECT_EQ(chosen(by, route, request(target)), "stable only") << target;
}

TEST(choose, force_by_source) {
    auto route = make_route();
    model::force_rule wish;
    wish.what = subject::source;
    wish.source = {*parse_prefix("10.0.0.0/8"), *parse_prefix("2001:db8::/32")};
    wish.track = "canary";
    route.force = {wish};
    const auto by = compile(route);
    EXPECT_EQ(chosen(by, route, request("/"), *parse_ip("10.1.2.3")), "canary force-source");
    EXPECT_EQ(chosen(by, route, request("/"), *parse_ip("2001:db8::1")), "canary force-source");
    EXPECT_EQ(chosen(by, route, request("/"), *parse_ip("11.1.2.3")), "stable only");
}

TEST(choose, a_rule_may_force_stable_against_a_full_weight) {
    auto route = make_route({{"canary", 10'000}});
    route.force = {rule(subject::header, "X-Next", match::exact, "never", "stable")};
    const auto by = compile(route);
    EXPECT_EQ(chosen(by, route, request("/")), "canary dice");
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Next", "never"}})), "stable force-header");
}

struct colour_case {
    request::field_list fields;
    const char* from;
    std::string expected;
    bool strip_flag;
    bool strip_name;
};

TEST(choose, colour_counts_from_where_it_is_accepted_and_is_stripped_elsewhere) {
    const auto route = make_route({{"beta", 0}, {"canary", 0}});
    const model::colour colour{true, true, {*parse_prefix("10.0.0.0/8")}};
    const auto by = compile(route, colour);
    const std::vector<colour_case> cases{
        {{}, "10.0.0.1", "stable only", false, false},
        {{{"X-Canary", "true"}}, "10.0.0.1", "canary colour", false, false},
        {{{"X-Canary", "True"}}, "10.0.0.1", "stable only", false, false},
        {{{"X-Canary", "true"}, {"X-Canary", "true"}}, "10.0.0.1", "stable only", false, false},
        {{{"X-Canary", "true"}}, "11.0.0.1", "stable only", true, false},
        {{{"X-Version-Route", "beta"}}, "10.0.0.1", "beta colour", false, false},
        {{{"X-Version-Route", "stable"}}, "10.0.0.1", "stable colour", false, false},
        {{{"X-Version-Route", "unknown"}}, "10.0.0.1", "stable only", false, false},
        {{{"X-Version-Route", "beta"}}, "11.0.0.1", "stable only", false, true},
        {{{"X-Version-Route", "beta"}, {"X-Canary", "true"}}, "10.0.0.1", "beta colour", false, false},
        {{{"X-Version-Route", "none"}, {"X-Canary", "true"}}, "10.0.0.1", "canary colour", false, false},
        {{{"X-Version-Route", "beta"}, {"X-Canary", "true"}}, "::1", "stable only", true, true},
    };
    for (const auto& one : cases) {
        const request r("/", one.fields);
        random_source random(1);
        const auto from = *parse_ip(one.from);
        EXPECT_EQ(chosen(by, route, r, from), one.expected) << one.from;
        const auto made = by.choose(r.head(), from, make_cuts(route), random);
        EXPECT_EQ(made.strip_canary_flag, one.strip_flag);
        EXPECT_EQ(made.strip_version_route, one.strip_name);
    }
}

TEST(choose, x_canary_means_the_first_track_where_none_is_named_canary) {
    const auto route = make_route({{"v2", 0}, {"v3", 0}});
    const auto by = compile(route, {true, false, {*parse_prefix("0.0.0.0/0")}});
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Canary", "true"}})), "v2 colour");
    EXPECT_EQ(chosen(by, route, request("/", {{"X-Version-Route", "v3"}})), "stable only"); // not accepted
    const auto alone = make_route({});
    EXPECT_EQ(
        chosen(
            compile(alone, {true, false, {*parse_prefix("0.0.0.0/0")}}), alone,
            request("/", {{"X-Canary", "true"}})
        ),
        "stable only"
    );
}

TEST(choose, a_header_that_the_route_names_is_not_stripped) {
    const request r("/", {{"X-Canary", "always"}, {"X-Version-Route", "x"}});
    const auto stripped = [&](const model::route& route) {
        random_source random(1);
        const auto made = compile(route).choose(r.head(), peer, make_cuts(route), random);
        return std::pair(made.strip_canary_flag, made.strip_version_route);
    };
    auto route = make_route();
    EXPECT_EQ(stripped(route), std::pair(true, true)); // colour is off: nobody is believed
    route.force = {rule(subject::header, "x-canary", match::exact, "always", "canary")};
    EXPECT_EQ(stripped(route), std::pair(false, true));
    route.force.clear();
    route.match.headers = {{"X-Version-Route", match::present, ""}};
    EXPECT_EQ(stripped(route), std::pair(true, false));
    route.match.headers.clear();
    route.send_colour = false; // a route that knows nothing of colour passes both
    EXPECT_EQ(stripped(route), std::pair(false, false));
}

TEST(choose, the_routes_colour_counts_before_the_gateways) {
    auto route = make_route();
    route.incoming_colour = model::colour{};
    const model::colour open{true, true, {*parse_prefix("0.0.0.0/0")}};
    EXPECT_EQ(chosen(compile(route, open), route, request("/", {{"X-Canary", "true"}})), "stable only");
}

TEST(choose, rules_before_colour_before_weight) {
    auto route = make_route({{"canary", 10'000}, {"beta", 0}, {"gamma", 0}});
    route.force = {rule(subject::header, "X-Next", match::present, "", "beta")};
    const auto by = compile(route, {true, true, {*parse_prefix("0.0.0.0/0")}});
    const std::pair<std::string, std::string> colour{"X-Version-Route", "gamma"};
    EXPECT_EQ(chosen(by, route, request("/", {colour, {"X-Next", "1"}})), "beta force-header");
    EXPECT_EQ(chosen(by, route, request("/", {colour})), "gamma colour");
    EXPECT_EQ(chosen(by, route, request("/")), "canary dice");
}

TEST(choose, the_kill_switch_sends_what_is_drawn_to_stable) {
    auto route = make_route({{"canary", 10'000}});
    route.force = {rule(subject::header, "X-Next", match::present, "", "canary")};
    auto now = make_cuts(route);
    now.killed = true;
    random_source random(1);
    const request plain("/", {{"Cookie", "adit=me"}}), forced("/", {{"X-Next", "1"}});
    for (const bool cohort : {false, true}) {
        if (cohort) route.cohort = model::cohort{model::cohort::key::cookie, "adit", "", true, false};
        const auto by = compile(route);
        const auto made = by.choose(plain.head(), peer, now, random);
        EXPECT_EQ(made.track, 0);
        EXPECT_EQ(made.why, reason::killed);
        EXPECT_FALSE(made.randomised);
        EXPECT_FALSE(by.choose(request("/").head(), peer, now, random).issue_cookie);
        EXPECT_EQ(by.choose(forced.head(), peer, now, random).track, 1);
    }
    EXPECT_EQ(compile(route).choose(plain.head(), peer, cuts{}, random).why, reason::only);
}

TEST(choose, dice_stay_within_binomial_bounds) {
    for (const std::uint32_t hundredths : {0U, 50U, 1000U, 5000U, 10'000U}) {
        const auto route = make_route({{"canary", hundredths}});
        const auto by = compile(route);
        const auto now = make_cuts(route, 5);
        const request r("/");
        random_source random(2026);
        constexpr int draws = 200'000;
        int canary = 0;
        for (int i = 0; i < draws; ++i) {
            const auto made = by.choose(r.head(), peer, now, random);
            canary += made.track;
            ASSERT_EQ(made.why, hundredths ? reason::dice : reason::only);
            ASSERT_EQ(made.randomised, hundredths != 0);
            ASSERT_EQ(made.weight, made.track ? hundredths : 10'000 - hundredths);
            ASSERT_EQ(made.total, 10'000U);
            ASSERT_EQ(made.generation, 5U);
        }
        const double p = hundredths / 10'000.0;
        const double bound = 4.5 * std::sqrt(draws * p * (1 - p));
        EXPECT_LE(std::abs(canary - draws * p), bound) << hundredths;
    }
}

TEST(choose, complaints_of_what_does_not_compile) {
    auto route = make_route();
    route.force = {
        rule(subject::header, "X", match::regex, "(", "canary"),
        rule(subject::header, "X", match::present, "", "carany")};
    route.cohort = model::cohort{model::cohort::key::cookie, std::string(65, 'a'), "", true, false};
    complaints found;
    EXPECT_FALSE(chooser::compile(route, {}, keys(), found));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].key, "routes.shop.force[0]");
    EXPECT_EQ(found[1].key, "routes.shop.force[1].track");
    EXPECT_EQ(found[2].key, "routes.shop.cohort.cookie");
    found.clear();
    EXPECT_FALSE(chooser::compile(model::route{}, {}, nullptr, found));
}

} // namespace
} // namespace adit::canary
