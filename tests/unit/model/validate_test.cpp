#include "model/validate.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace adit::model {
namespace {

using namespace std::chrono_literals;

ip_prefix net(std::string_view text) {
    return parse_prefix(text).value();
}

track make_track(std::string name, std::uint32_t hundredths = 0) {
    return {std::move(name), {{"10.0.0.1", 80}}, weight{hundredths}, {}};
}

gateway good() {
    route shop;
    shop.name = "shop";
    shop.match.hosts = {"shop.test"};
    shop.tracks = {make_track("stable"), make_track("canary", 1250)};
    shop.force = {
        {force_rule::subject::header, {"X-Next", value_match::kind::exact, "gold"}, {}, "canary", {}}};
    shop.cohort = cohort{cohort::key::cookie, "adit", "shop", true, false};
    route api;
    api.name = "api";
    api.match.hosts = {"shop.test"};
    api.match.path.text = "/api";
    api.tracks = {make_track("stable")};
    gateway out;
    out.listeners = {{"0.0.0.0:8080", {}}, {":0", {}}, {":0", {}}};
    out.routes = {shop, api};
    return out;
}

std::string listing(const complaints& all) {
    std::string out;
    for (const auto& one : all) out += to_text(one) + '\n';
    return out;
}

TEST(validate, has_nothing_to_say_of_a_good_gateway) {
    EXPECT_EQ(listing(validate(good())), "");
}

struct bad_case {
    std::string_view key;
    std::string_view message, hint; // parts of them
    std::function<void(gateway&)> spoil;
    complaint::severity level = complaint::severity::error;
};
constexpr auto warning = complaint::severity::warning;

void expect_one(const bad_case& wanted) {
    auto wish = good();
    wanted.spoil(wish);
    const auto got = validate(wish);
    ASSERT_EQ(got.size(), 1U) << wanted.key << '\n' << listing(got);
    EXPECT_EQ(got[0].key, wanted.key);
    EXPECT_EQ(got[0].level, wanted.level) << wanted.key;
    EXPECT_NE(got[0].message.find(wanted.message), std::string::npos) << got[0].message;
    EXPECT_NE(got[0].hint.find(wanted.hint), std::string::npos) << wanted.key << ": " << got[0].hint;
    EXPECT_NE(got[0].message.back(), '.');
}

TEST(validate, looks_at_the_gateway) {
    const bad_case cases[]{
        {"listeners[1].address", "a colon is missing", "write :80",
         [](auto& g) { g.listeners[1].address = "80"; }},
        {"listeners[1].address", "already, by listeners[0]", "remove one",
         [](auto& g) { g.listeners[1].address = "0.0.0.0:8080"; }},
        {"routes", "there is no route", "", [](auto& g) { g.routes.clear(); }, warning},
        {"colour.from", "nobody is believed", "10.0.0.0/8",
         [](auto& g) { g.incoming_colour.accept_canary_flag = true; }, warning},
        {"colour.accept", "no header is accepted", "",
         [](auto& g) { g.incoming_colour.from = {net("10.0.0.0/8")}; }, warning},
        {"limits.head", "too large", "from 1KiB to 48KiB", [](auto& g) { g.limits.head = 48 * 1024 + 1; }},
        {"limits.request_line", "too small", "64B", [](auto& g) { g.limits.request_line = 63; }},
        {"limits.request_line", "too large", "48KiB", [](auto& g) { g.limits.request_line = 1 << 20; }},
        {"limits.request_line", "does not fit into a head of 4KiB", "limits.head",
         [](auto& g) { g.limits.head = 4096; }},
        {"limits.fields", "129 fields are out of range", "from 1 to 128",
         [](auto& g) { g.limits.fields = 129; }},
        {"limits.fields", "0 fields are out of range", "", [](auto& g) { g.limits.fields = 0; }},
        {"limits.memory", "1MiB would be reached without any request", "at least 32MiB",
         [](auto& g) { g.limits.memory = 1 << 20; }},
        {"timeouts.connect", "would end every exchange", "", [](auto& g) { g.timeouts.connect = 0s; }},
        {"timeouts.head", "too long", "24h", [](auto& g) { g.timeouts.head = 25h; }},
        {"timeouts.tunnel_idle", "too long", "168h", [](auto& g) { g.timeouts.tunnel_idle = 169h; }},
        {"timeouts.exchange", "too long", "24h", [](auto& g) { g.timeouts.exchange = 25h; }},
        {"timeouts.min_rate", "nobody could send", "1GiB", [](auto& g) { g.timeouts.min_rate = 2ULL << 30; }},
        {"timeouts.rate_grace", "would end", "", [](auto& g) { g.timeouts.rate_grace = 0s; }},
        {"routes[0].timeouts.body", "would end", "", [](auto& g) { g.routes[0].timeouts.body = 0s; }},
        {"routes[0].timeouts.tunnel_idle", "too long", "168h",
         [](auto& g) { g.routes[0].timeouts.tunnel_idle = 169h; }},
        {"routes[0].timeouts.min_rate", "nobody could send", "",
         [](auto& g) { g.routes[0].timeouts.min_rate = 2ULL << 30; }},
        {"routes[0].retry.attempts", "out of range", "from 1 to 8",
         [](auto& g) { g.routes[0].retry = retry{.attempts = 9}; }},
        {"routes[0].retry.attempts", "out of range", "from 1 to 8",
         [](auto& g) { g.routes[0].retry = retry{.attempts = 0}; }},
        {"routes[0].retry.per_try_timeout", "too long", "24h",
         [](auto& g) { g.routes[0].retry = retry{.per_try_timeout = 25h}; }},
        {"routes[0].retry.budget.percent", "out of range", "from 0 to 100",
         [](auto& g) { g.routes[0].retry = retry{.budget_percent = 101}; }},
        {"drain.max", "out of range", "", [](auto& g) { g.drain.max = 25h; }},
    };
    for (const auto& one : cases) expect_one(one);
    auto edges = good();
    edges.limits = {48 * 1024, 48 * 1024, 1, 1, 1, 1, 32 << 20};
    edges.timeouts.tunnel_idle = 168h;
    edges.timeouts.connect = 1ms;
    edges.timeouts.exchange = 0s;
    edges.timeouts.min_rate = 0;
    edges.drain = {0ms, 0ms};
    EXPECT_EQ(listing(validate(edges)), "");
}

TEST(validate, looks_at_names_and_doubles) {
    const bad_case cases[]{
        {"routes[1].name", "`API` is not a route name", "a-z", [](auto& g) { g.routes[1].name = "API"; }},
        {"routes[1].name", "a route needs a name", "", [](auto& g) { g.routes[1].name = ""; }},
        {"routes[1].name", "`shop` is taken by routes[0]", "unique",
         [](auto& g) { g.routes[1].name = "shop"; }},
        {"routes[1].match.hosts[0]",
         "routes `shop` and `api` match the same requests of the host `shop.test`", "",
         [](auto& g) { g.routes[1].match.path.text = "/"; }},
        {"routes[1].match.hosts[1]", "`shop` and `api`", "",
         [](auto& g) {
             g.routes[1].match.path.text = "/";
             g.routes[1].match.hosts = {"x.test", "SHOP.test"};
         }},
        {"routes[1].match.hosts[1]", "`shop.TEST` is written twice", "",
         [](auto& g) { g.routes[1].match.hosts.push_back("shop.TEST"); }},
        {"routes[1].match", "match the same requests", "tell them apart",
         [](auto& g) {
             for (auto& r : g.routes) r.match = {};
         }},
        {"routes[1].match.hosts[0]", "match the same", "",
         [](auto& g) { g.routes[0].match.path.text = "/api/"; }},
        {"routes[1].match.hosts[0]", "match the same", "",
         [](auto& g) {
             g.routes[1].match = g.routes[0].match;
             g.routes[0].match.methods = {"GET", "HEAD"};
             g.routes[1].match.methods = {"HEAD", "GET"};
             g.routes[0].match.headers = {
                 {"X-A", value_match::kind::exact, "1"}, {"X-B", value_match::kind::present, ""}};
             g.routes[1].match.headers = {
                 {"x-b", value_match::kind::present, ""}, {"x-a", value_match::kind::exact, "1"}};
         }},
    };
    for (const auto& one : cases) expect_one(one);
}

TEST(validate, tells_different_matches_apart) {
    const std::function<void(match&)> changes[]{
        [](auto& m) { m.hosts = {"*.shop.test"}; },
        [](auto& m) { m.path.how = path_match::kind::exact; },
        [](auto& m) { m.path.text = "/x"; },
        [](auto& m) { m.methods = {"GET"}; },
        [](auto& m) {
            m.headers = {{"X-A", value_match::kind::exact, "1"}};
        },
        [](auto& m) {
            m.headers = {{"X-A", value_match::kind::exact, "2"}};
        },
        [](auto& m) {
            m.headers = {{"X-A", value_match::kind::regex, "1"}};
        },
        [](auto& m) {
            m.headers = {{"X-A", value_match::kind::present, ""}};
        },
        [](auto& m) {
            m.query = {{"a", value_match::kind::exact, "1"}};
        },
        [](auto& m) {
            m.query = {{"A", value_match::kind::exact, "1"}};
        },
        [](auto& m) {
            m.query = {{"a1", value_match::kind::exact, ""}};
        },
    };
    auto wish = good();
    const auto first = wish.routes[0];
    wish.routes = {first};
    for (const auto& change : changes) {
        auto other = first;
        other.name = "other-" + std::to_string(wish.routes.size());
        change(other.match);
        wish.routes.push_back(other);
    }
    EXPECT_EQ(listing(validate(wish)), "");
}

TEST(validate, looks_at_matches) {
    const bad_case cases[]{
        {"routes[1].match.hosts[0]", "`*`: `*` alone", "leave `hosts` out",
         [](auto& g) { g.routes[1].match.hosts = {"*"}; }},
        {"routes[1].match.path.prefix", "begins with '/'", "write /api",
         [](auto& g) { g.routes[1].match.path.text = "api"; }},
        {"routes[1].match.path.exact", "begins with '/'", "",
         [](auto& g) {
             g.routes[1].match.path = {path_match::kind::exact, ""};
         }},
        {"routes[1].match.path.prefix", "begins with '/'", "`hosts`",
         [](auto& g) { g.routes[1].match.path.text = "http://a/"; }},
        {"routes[1].match.path.prefix", "ends before '?'", "match.query",
         [](auto& g) { g.routes[1].match.path.text = "/a?b"; }},
        {"routes[1].match.path.prefix", "after percent-decoding", "write /a b/é",
         [](auto& g) { g.routes[1].match.path.text = "/a%20b/%c3%A9"; }},
        {"routes[1].match.path.prefix", "no control bytes", "",
         [](auto& g) { g.routes[1].match.path.text = "/a\nb"; }},
        {"routes[1].match.path.prefix", "resolved", "without them",
         [](auto& g) { g.routes[1].match.path.text = "/a//b"; }},
        {"routes[1].match.path.prefix", "resolved", "",
         [](auto& g) { g.routes[1].match.path.text = "/x//"; }},
        {"routes[1].match.path.exact", "resolved", "",
         [](auto& g) {
             g.routes[1].match.path = {path_match::kind::exact, "/a/.."};
         }},
        {"routes[1].match.path.exact", "resolved", "",
         [](auto& g) {
             g.routes[1].match.path = {path_match::kind::exact, "/./a"};
         }},
        {"routes[1].match.path.prefix", "at most 8 KiB", "",
         [](auto& g) { g.routes[1].match.path.text = "/" + std::string(8192, 'a'); }},
        {"routes[1].match.path.regex", "empty pattern", "",
         [](auto& g) {
             g.routes[1].match.path = {path_match::kind::regex, ""};
         }},
        {"routes[1].match.methods[0]", "told apart by case", "write GET",
         [](auto& g) { g.routes[1].match.methods = {"get"}; }},
        {"routes[1].match.methods[1]", "is not a method", "",
         [](auto& g) {
             g.routes[1].match.methods = {"GET", "G T"};
         }},
        {"routes[1].match.methods[1]", "written twice", "",
         [](auto& g) {
             g.routes[1].match.methods = {"GET", "GET"};
         }},
        {"routes[1].match.methods[0]", "never routed", "",
         [](auto& g) { g.routes[1].match.methods = {"CONNECT"}; }},
        {"routes[1].match.headers[0].name", "`X Y` is not the name of a header", "",
         [](auto& g) {
             g.routes[1].match.headers = {{"X Y", {}, {}}};
         }},
        {"routes[1].match.headers[0].value", "this one never matches", "`a`",
         [](auto& g) {
             g.routes[1].match.headers = {{"X", value_match::kind::exact, " a "}};
         }},
        {"routes[1].match.headers[0].value", "no control bytes", "",
         [](auto& g) {
             g.routes[1].match.headers = {{"X", value_match::kind::exact, "a\r\nb"}};
         }},
        {"routes[1].match.headers[0].regex", "empty pattern", "",
         [](auto& g) {
             g.routes[1].match.headers = {{"X", value_match::kind::regex, ""}};
         }},
        {"routes[1].match.query[0].name", "a name is missing", "",
         [](auto& g) {
             g.routes[1].match.query = {{"", {}, {}}};
         }},
    };
    for (const auto& one : cases) expect_one(one);
}

TEST(validate, takes_paths_as_they_are_after_decoding) {
    for (const auto text :
         {"/", "/a/", "/a b", "/\xc3\xa9", "/100%", "/%zz", "/...", "/.well-known/x", "/a.b"}) {
        auto wish = good();
        wish.routes[1].match.hosts = {"other.test"};
        wish.routes[1].match.path.text = text;
        EXPECT_EQ(listing(validate(wish)), "") << text;
    }
}

TEST(validate, looks_at_tracks) {
    const bad_case cases[]{
        {"routes[1].tracks", "`stable` is missing", "every route has one",
         [](auto& g) { g.routes[1].tracks.clear(); }},
        {"routes[1].tracks", "`stable` is missing", "",
         [](auto& g) { g.routes[1].tracks = {make_track("canary")}; }},
        {"routes[0].tracks", "not the first", "",
         [](auto& g) { std::swap(g.routes[0].tracks[0], g.routes[0].tracks[1]); }},
        {"routes[1].tracks", "17 tracks are too many", "at most 16",
         [](auto& g) {
             for (int i = 0; i < 16; ++i) g.routes[1].tracks.push_back(make_track("t" + std::to_string(i)));
         }},
        {"routes[1].tracks.Next", "`Next` is not a track name", "a-z",
         [](auto& g) { g.routes[1].tracks.push_back(make_track("Next")); }},
        {"routes[0].tracks.canary", "there twice", "",
         [](auto& g) { g.routes[0].tracks.push_back(make_track("canary")); }},
        {"routes[1].tracks.stable.weight", "stable has no weight", "remove it",
         [](auto& g) { g.routes[1].tracks[0].weight = {100}; }},
        {"routes[0].tracks.next.weight", "more than 100 together: 12.5 + 87.51", "",
         [](auto& g) { g.routes[0].tracks.push_back(make_track("next", 8751)); }},
        {"routes[1].tracks.stable.endpoints[1]", "neither an IP address nor", "",
         [](auto& g) {
             g.routes[1].tracks[0].endpoints.push_back({"a b", 80});
         }},
        {"routes[1].tracks.stable.endpoints[1]", "port 0", "",
         [](auto& g) {
             g.routes[1].tracks[0].endpoints.push_back({"a", 0});
         }},
        {"routes[1].tracks.stable.endpoints[1]", "written twice", "",
         [](auto& g) {
             g.routes[1].tracks[0].endpoints.push_back({"10.0.0.1", 80});
         },
         warning},
    };
    for (const auto& one : cases) expect_one(one);
    auto edges = good();
    edges.routes[0].tracks[1].weight = {10'000};
    for (int i = 0; i < 14; ++i) edges.routes[0].tracks.push_back(make_track("t" + std::to_string(i)));
    EXPECT_EQ(listing(validate(edges)), "");
}

TEST(validate, looks_at_rules_and_cohorts) {
    const auto rule = [](force_rule::subject what, value_match value) {
        return force_rule{what, std::move(value), {}, "canary", {}};
    };
    using subject = force_rule::subject;
    const bad_case cases[]{
        {"routes[0].force[0].track", "there is no track `next`", "tracks of this route: stable, canary",
         [](auto& g) { g.routes[0].force[0].track = "next"; }},
        {"routes[0].force[0].track", "a rule needs a track", "",
         [](auto& g) { g.routes[0].force[0].track = ""; }},
        {"routes[0].force[0].source", "no address is named", "10.0.0.0/8",
         [&](auto& g) { g.routes[0].force[0] = rule(subject::source, {}); }},
        {"routes[0].force[0].cookie.name", "the name of a cookie is missing", "",
         [&](auto& g) { g.routes[0].force[0] = rule(subject::cookie, {}); }},
        {"routes[0].force[0].cookie.value", "ends at ';'", "",
         [&](auto& g) {
             g.routes[0].force[0] = rule(subject::cookie, {"a", value_match::kind::exact, "b;c"});
         }},
        {"routes[0].force[0].query.regex", "empty pattern", "",
         [&](auto& g) {
             g.routes[0].force[0] = rule(subject::query, {"a", value_match::kind::regex, ""});
         }},
        {"routes[0].force[0].header", "obeys x-canary from every client", "",
         [&](auto& g) {
             g.routes[0].force[0] = rule(subject::header, {"x-canary", value_match::kind::exact, "true"});
             g.routes[0].incoming_colour = colour{true, false, {net("10.0.0.0/8")}};
         },
         warning},
        {"routes[0].force[0].header", "obeys X-Version-Route", "",
         [&](auto& g) {
             g.routes[0].force[0] =
                 rule(subject::header, {"X-Version-Route", value_match::kind::present, ""});
             g.incoming_colour = colour{false, true, {net("10.0.0.0/8")}};
         },
         warning},
        {"routes[0].colour.from", "nobody is believed", "",
         [](auto& g) {
             g.routes[0].incoming_colour = colour{false, true, {}};
         },
         warning},
        {"routes[0].cohort.cookie", "`a b` is not the name of a cookie", "",
         [](auto& g) { g.routes[0].cohort->name = "a b"; }},
        {"routes[0].cohort.header", "the name of a header is missing", "",
         [](auto& g) {
             g.routes[0].cohort = cohort{cohort::key::header, "", "", false, false};
         }},
        {"routes[0].cohort", "by address has no name", "",
         [](auto& g) {
             g.routes[0].cohort = cohort{cohort::key::address, "x", "", false, false};
         }},
        {"routes[0].cohort.issue", "only a cookie can be issued", "",
         [](auto& g) {
             g.routes[0].cohort = cohort{cohort::key::header, "X", "", true, false};
         }},
        {"routes[0].cohort.signed", "only a cookie can be signed", "",
         [](auto& g) {
             g.routes[0].cohort = cohort{cohort::key::address, "", "", false, true};
         }},
        {"routes[0].cohort.salt", "at most 256", "",
         [](auto& g) { g.routes[0].cohort->salt = std::string(257, 'a'); }},
        {"routes[0].respond.header", "is not the name of a header", "",
         [](auto& g) { g.routes[0].tell_header = "X Track"; }},
        {"routes[0].respond.header", "a meaning of its own", "X-Track",
         [](auto& g) { g.routes[0].tell_header = "content-length"; }},
        {"routes[0].respond.header", "a form of its own", "server_timing: true",
         [](auto& g) { g.routes[0].tell_header = "Server-Timing"; }},
        {"routes[0].upgrades[1]", "h2c is never tunnelled", "",
         [](auto& g) {
             g.routes[0].upgrades = {"websocket", "h2c"};
         }},
        {"routes[0].upgrades[0]", "is not the name of a protocol", "",
         [](auto& g) { g.routes[0].upgrades = {"web socket"}; }},
        {"routes[0].upgrades[0]", "lower case", "write websocket",
         [](auto& g) { g.routes[0].upgrades = {"WebSocket"}; }},
    };
    for (const auto& one : cases) expect_one(one);
}

TEST(validate, asks_the_checker_about_every_pattern) {
    auto wish = good();
    auto& route = wish.routes[1];
    route.match.path = {path_match::kind::regex, "p1"};
    route.match.headers = {
        {"X", value_match::kind::regex, "p2"}, {"Y", value_match::kind::exact, "not asked"}};
    route.match.query = {{"x", value_match::kind::regex, "p3"}};
    route.force = {
        {force_rule::subject::header, {"X", value_match::kind::regex, "p4"}, {}, "stable", {}},
        {force_rule::subject::cookie, {"X", value_match::kind::regex, "p5"}, {}, "stable", {}},
        {force_rule::subject::query, {"X", value_match::kind::regex, "p6"}, {}, "stable", {}},
    };
    std::string asked;
    const auto got = validate(wish, [&](std::string_view pattern) -> std::optional<std::string> {
        asked += pattern;
        return pattern == "p5" ? std::optional<std::string>("no good") : std::nullopt;
    });
    EXPECT_EQ(asked, "p1p2p3p4p5p6");
    ASSERT_EQ(got.size(), 1U) << listing(got);
    EXPECT_EQ(to_text(got[0]), "error: routes[1].force[1].cookie.regex: no good");
}

TEST(validate, gives_the_place_of_the_nearest_part_and_all_errors_at_once) {
    auto wish = good();
    wish.routes[0].at = {"a.yaml", 3, 1};
    wish.routes[0].tracks[1].at = {"a.yaml", 7, 5};
    wish.routes[0].tracks[1].endpoints[0].port = 0;
    wish.routes[0].match.path.text = "x";
    wish.routes[0].force[0].at = {"a.yaml", 9, 3};
    wish.routes[0].force[0].track = "none";
    wish.listeners[0] = {"bad", {"a.yaml", 1, 2}};
    const auto got = validate(wish);
    ASSERT_EQ(got.size(), 4U) << listing(got);
    EXPECT_EQ(got[0].at.line, 1);
    EXPECT_EQ(got[1].at.line, 3);
    EXPECT_EQ(got[2].at.line, 7);
    EXPECT_EQ(got[3].at.line, 9);
    EXPECT_EQ(got[3].at.file, "a.yaml");
}

TEST(validate, copes_with_many_routes) {
    gateway wish;
    route one;
    one.tracks = {make_track("stable")};
    one.match.hosts = {"shop.test"};
    for (int i = 0; i < 10'000; ++i) {
        one.name = "r" + std::to_string(i);
        one.match.path.text = "/" + one.name;
        wish.routes.push_back(one);
    }
    EXPECT_EQ(listing(validate(wish)), "");
}

} // namespace
} // namespace adit::model
