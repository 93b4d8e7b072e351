#include "cli/explain_story.hpp"

#include "cli/compiled.hpp"
#include "source/file/read.hpp"
#include "unit/cli/program.hpp"

#include <boost/json/array.hpp>

namespace adit::cli {
namespace {

namespace json = boost::json;
using test::has;

// A gateway from YAML, explained as the daemon would.
class story_of {
public:
    explicit story_of(std::string_view yaml = test::shop_yaml) {
        auto reading = source::read_text(yaml, "test.yaml");
        for (const auto& one : reading.problems) ADD_FAILURE() << to_text(one);
        wish = std::move(reading.gateway.value());
        canary::prepare_cookies();
        canary::cookie_keys keys;
        keys.keys.push_back({1});
        complaints found;
        ready = compile(wish, std::make_shared<const canary::cookie_keys>(keys), found);
        view.table = &ready->table;
        view.chooser = [this](std::uint32_t slot) { return &ready->choosers[slot]; };
        view.cuts = [this](std::uint32_t slot) { return &ready->cuts[slot]; };
        view.trusted = wish.trusted;
    }
    story_of(const story_of&) = delete;
    story_of& operator=(const story_of&) = delete;

    json::object operator()(const admin::explain_request& request) const {
        random_source random(7);
        return tell(view, request, random);
    }

    model::gateway wish;
    std::optional<compiled> ready;
    explain_view view;
};

std::string text(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    return found && found->is_string() ? std::string(found->get_string()) : "(none)";
}
std::string text(const json::object& from, std::string_view outer, std::string_view key) {
    const auto* found = from.if_contains(outer);
    return found && found->is_object() ? text(found->get_object(), key) : "(none)";
}

TEST(explain_story, a_forced_track_with_every_rule) {
    const auto story = story_of(
    )({.host = "Shop.test:8080",
       .target = "/cart?x=1",
       .headers = {{"X-Next", "gold"}},
       .address = "192.0.2.7"});
    EXPECT_EQ(
        to_text(story), "GET shop.test /cart?x=1\n"
                        "  path     /cart\n"
                        "  address  192.0.2.7\n"
                        "routes: host shop.test\n"
                        "  matched  shop  host shop.test, the prefix \"/\"\n"
                        "  path     api   wants the prefix \"/api\"\n"
                        "tracks\n"
                        "  matched      force rule 1  header X-Next is \"gold\"  → canary  (\"gold\")\n"
                        "  not reached  force rule 2  source in 10.0.0.0/8     → canary\n"
                        "  colour  the request carries no colour\n"
                        "  cohort  key is the cookie user, which the request lacks: dice\n"
                        "  weight  stable  87.5 %\n"
                        "  weight  canary  12.5 %\n"
                        "→ track canary because force rule 1 (header X-Next is \"gold\") matches\n"
    );
    EXPECT_EQ(text(story, "track", "name"), "canary");
    EXPECT_EQ(text(story, "track", "reason"), "force-header");
    EXPECT_EQ(story.at("track").as_object().at("rule").to_number<int>(), 1);
    EXPECT_FALSE(story.at("track").as_object().at("randomised").as_bool());
    EXPECT_EQ(text(story, "route", "name"), "shop");
}

TEST(explain_story, a_cohort_with_key_bucket_and_range) {
    const auto story = story_of()({.host = "shop.test", .headers = {{"Cookie", "user=user-1"}}});
    EXPECT_EQ(story.at("track").as_object().at("bucket").to_number<int>(), 1420); // XXH64, as in unit_canary
    EXPECT_EQ(text(story, "track", "cohort"), "key is the cookie user, bucket 1420");
    EXPECT_EQ(
        text(story, "summary"), "track stable because its bucket, 1420, is in the track's range, the rest"
    );
    const auto told = to_text(story);
    EXPECT_TRUE(has(told, "  weight  canary  12.5 %  buckets: 0-1249\n")) << told;
    EXPECT_FALSE(has(told, "  address  ")) << told;
    EXPECT_TRUE(has(told, "(no address was given)")) << told;
    EXPECT_FALSE(story.at("request").as_object().contains("address"));
}

TEST(explain_story, dice_and_the_kill_switch) {
    story_of story;
    EXPECT_TRUE(has(text(story({.host = "shop.test"}), "summary"), " because the dice drew "))
        << text(story({.host = "shop.test"}), "summary");
    story.ready->cuts[0].killed = true;
    const auto killed = story({.host = "shop.test"});
    EXPECT_EQ(text(killed, "summary"), "track stable because the kill switch is on");
    EXPECT_TRUE(has(to_text(killed), "  kill switch  on: everybody goes to stable\n")) << to_text(killed);
}

TEST(explain_story, a_route_without_other_tracks) {
    const auto story = story_of(
    )({.method = "POST", .host = "shop.test", .target = "/api/x", .headers = {{"Content-Length", "3"}}});
    EXPECT_EQ(text(story, "route", "name"), "api");
    EXPECT_EQ(text(story, "summary"), "track stable because no other track has weight");
}

struct refusal_case {
    admin::explain_request request;
    const char* reason;
    int status;
};

TEST(explain_story, refusals_are_those_of_the_wire) {
    const story_of story;
    const refusal_case cases[] = {
        {{.host = "sh op.test"}, "bad-host", 400},
        {{.host = ""}, "missing-host", 400},
        {{.host = "shop.test", .headers = {{"Host", "other.test"}}}, "repeated-host", 400},
        {{.host = "shop.test", .target = "/a%zz"}, "bad-escape", 400},
        {{.host = "shop.test", .target = "/a b"}, "bad-version", 400},
        {{.host = "shop.test", .target = "/a#b"}, "fragment-in-target", 400},
        {{.method = "TRACE", .host = "shop.test"}, "method-not-allowed", 405},
        {{.host = "shop.test", .headers = {{"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}}},
         "length-and-encoding",
         400},
        {{.host = "shop.test", .headers = {{"X-A ", "1"}}}, "space-before-colon", 400},
        {{.host = "shop.test", .headers = {{"X-A", "a\nb"}}}, "bare-line-feed", 400},
        {{.host = "shop.test", .target = '/' + std::string(9000, 'a')}, "request-line-too-long", 414},
        {{.host = "shop.test", .headers = {{"X-A", std::string(40'000, 'a')}}}, "head-too-large", 431},
        {{.host = "shop.test", .headers = {{"Content-Length", "11"}}}, "body-too-large", 413},
        {{.host = "other.test"}, "no-route", 404},
    };
    auto view = story.view;
    view.body_limit = 10;
    for (const auto& one : cases) {
        const auto told = tell(view, one.request);
        const auto* refusal = told.if_contains("refusal");
        ASSERT_TRUE(refusal) << one.reason << ": " << to_text(told);
        EXPECT_EQ(text(told, "refusal", "reason"), one.reason);
        EXPECT_EQ(refusal->as_object().at("status").to_number<int>(), one.status) << one.reason;
        EXPECT_FALSE(told.contains("track"));
        EXPECT_TRUE(
            has(to_text(told), "→ refused with " + std::to_string(one.status) + ' ' + one.reason + ": ")
        ) << to_text(told);
    }
}

TEST(explain_story, no_route_still_tells_every_route) {
    const auto told = to_text(story_of()({.host = "other.test"}));
    EXPECT_TRUE(has(told, "  host  shop  wants host shop.test\n")) << told;
    EXPECT_TRUE(has(told, "  host  api   wants host shop.test\n")) << told;
}

TEST(explain_story, what_the_gateway_answers_itself) {
    const auto story =
        story_of()({.method = "OPTIONS", .host = "shop.test", .headers = {{"Max-Forwards", "0"}}});
    EXPECT_TRUE(story.contains("answered"));
    EXPECT_FALSE(story.contains("route"));
    EXPECT_TRUE(has(to_text(story), "→ answered here: OPTIONS"));
}

TEST(explain_story, the_address_is_what_trusted_peers_say) {
    story_of story;
    const admin::explain_request request{
        .host = "shop.test", .headers = {{"X-Forwarded-For", "10.1.1.1"}}, .address = "192.0.2.7"};
    const auto doubted = story(request);
    EXPECT_NE(text(doubted, "track", "reason"), "force-source");
    EXPECT_TRUE(has(to_text(doubted), "  unseen   X-Forwarded-For\n")) << to_text(doubted);
    story.view.trusted = {*parse_prefix("192.0.2.0/24")};
    const auto believed = story(request);
    EXPECT_EQ(text(believed, "track", "reason"), "force-source");
    EXPECT_EQ(text(believed, "request", "address"), "10.1.1.1");
    EXPECT_EQ(text(believed, "request", "peer"), "192.0.2.7");
    EXPECT_TRUE(has(to_text(believed), "  address  10.1.1.1, as 192.0.2.7 says\n")) << to_text(believed);
}

TEST(explain_story, fields_that_do_not_travel_are_not_seen_by_rules) {
    story_of story;
    const auto nominated =
        story({.host = "shop.test", .headers = {{"X-Next", "gold"}, {"Connection", "X-Next"}}});
    EXPECT_NE(text(nominated, "track", "reason"), "force-header");
    const admin::explain_request underscored{.host = "shop.test", .headers = {{"X_Tra", "1"}}};
    EXPECT_TRUE(has(to_text(story(underscored)), "X_Tra"));
    story.view.underscore_fields = true;
    EXPECT_FALSE(has(to_text(story(underscored)), "X_Tra"));
}

TEST(explain_story, bytes_that_are_no_text_stay_json) {
    const auto story = story_of()({.host = "shop.test", .headers = {{"X-Next", "g\xFCld"}}});
    const auto rules = story.at("track").as_object().at("force").as_array();
    EXPECT_EQ(rules.at(0).as_object().at("found").as_string(), "\"g\xEF\xBF\xBDld\"");
}

TEST(explain_text, stories_of_other_versions_are_told_as_far_as_understood) {
    EXPECT_EQ(to_text(json::object{}), "");
    EXPECT_EQ(
        to_text(json::object{{"summary", 5}, {"track", "x"}, {"route", json::array{1}}, {"request", nullptr}}
        ),
        ""
    );
    EXPECT_EQ(to_text(json::object{{"summary", "done"}, {"more", true}}), "→ done\n");
    const json::object odd{
        {"route", json::object{{"rules", json::array{1, json::object{{"route", "a"}}}}, {"left_out", 3}}}};
    EXPECT_EQ(to_text(odd), "routes\n     a\n  …  3 more routes\n");
}

} // namespace
} // namespace adit::cli
