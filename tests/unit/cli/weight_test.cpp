#include "cli/weight_words.hpp"

#include "cli/admin_access.hpp"
#include "unit/admin/rig.hpp"
#include "unit/cli/program.hpp"
#include "unit/core/temporary_directory.hpp"

namespace adit::cli {
namespace {

using test::adit;
using test::has;
using test::ran;

std::string fault_of(const std::vector<std::string>& words) {
    model::fault why;
    EXPECT_FALSE(parse_weight_words(words, &why));
    return why.message;
}

TEST(weight_words, route_and_pairs) {
    const auto full = parse_weight_words({"shop", "canary=12.5", "next=0.01%"});
    ASSERT_TRUE(full);
    EXPECT_EQ(full->route, "shop");
    EXPECT_EQ(full->percents, (std::map<std::string, double>{{"canary", 12.5}, {"next", 0.01}}));
    const auto bare = parse_weight_words({"canary=0"});
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->route, "");
    EXPECT_EQ(bare->percents.at("canary"), 0);
}

TEST(weight_words, what_is_wrong) {
    EXPECT_EQ(fault_of({}), "no weight is given");
    EXPECT_EQ(fault_of({"shop"}), "no weight is given");
    EXPECT_EQ(fault_of({"shop", "canary"}), "\"canary\" is no weight");
    EXPECT_EQ(fault_of({"shop", "=5"}), "\"=5\" names no track");
    EXPECT_EQ(fault_of({"canary="}), "canary=: a weight is a number of percent");
    EXPECT_EQ(fault_of({"canary=-5"}), "canary=-5: a weight cannot be negative");
    EXPECT_EQ(fault_of({"canary=100.5"}), "canary=100.5: a weight is at most 100");
    EXPECT_EQ(fault_of({"canary=0.001"}), "canary=0.001: a weight has at most two decimals");
    EXPECT_EQ(fault_of({"canary=nan"}), "canary=nan: a weight is a number of percent");
    EXPECT_EQ(fault_of({"canary=5%%"}), "canary=5%%: a weight is a number of percent");
    EXPECT_EQ(fault_of({"canary=1", "canary=2"}), "track canary is named twice");
}

TEST(weight_words, names_of_ingresses) {
    EXPECT_EQ(parse_ingress_word("ingress/shop/next"), (ingress_name{"shop", "next"}));
    for (const auto* route :
         {"shop", "ingress", "ingress/shop", "ingress/shop/", "ingress//next", "ingress/shop/store/0"})
        EXPECT_FALSE(parse_ingress_word(route)) << route;
    EXPECT_EQ(parse_percent_word("12.5%"), 12.5);
    EXPECT_FALSE(parse_percent_word("canary=5"));
}

TEST(token_file_of_a_client, the_first_token) {
    EXPECT_EQ(first_token("secret\n"), "secret");
    EXPECT_EQ(first_token("# mine\n\n  ops   s3cret \r\nother x\n"), "s3cret");
    EXPECT_EQ(first_token(""), std::nullopt);
    EXPECT_EQ(first_token("\n# nothing\n"), std::nullopt);
}

class weight_command : public ::testing::Test {
protected:
    ran weight(std::vector<std::string> words) {
        words.insert(words.begin(), "weight");
        words.insert(words.end(), {"--admin", "127.0.0.1:" + std::to_string(rig_.admin.port())});
        return adit(words);
    }
    admin::test::rig rig_;
};

TEST_F(weight_command, get_shows_a_table) {
    const auto all = weight({"get"});
    EXPECT_EQ(all.code, 0) << all.err;
    EXPECT_EQ(
        all.out, "ROUTE     TRACK   DECLARED  EFFECTIVE  FROM\n"
                 "shop      stable  95        95         declared\n"
                 "shop      canary  5         5          declared\n"
                 "team/web  stable  95        95         declared\n"
                 "team/web  canary  5         5          declared\n"
    );
    const auto one = weight({"get", "team/web"});
    EXPECT_EQ(
        one.out, "ROUTE     TRACK   DECLARED  EFFECTIVE  FROM\n"
                 "team/web  stable  95        95         declared\n"
                 "team/web  canary  5         5          declared\n"
    );
    const auto json = boost::json::parse(weight({"get", "shop", "-o", "json"}).out).as_object();
    EXPECT_EQ(json.at("generation").as_int64(), 7);
}

TEST_F(weight_command, set_and_clear) {
    const auto set = weight({"set", "shop", "canary=25"});
    EXPECT_EQ(set.code, 0) << set.err;
    EXPECT_EQ(
        set.out, "shop: stable 95 → 75, canary 5 → 25 (generation 8)\n"
                 "This override ends with the gateway's process, which has no --state-dir.\n"
    );
    EXPECT_EQ(
        rig_.on_control([&] { return rig_.gateway.last_put.weights; }),
        (std::map<std::string, double>{{"canary", 25}})
    );
    EXPECT_TRUE(has(weight({"get", "shop"}).out, "shop   canary  5         25         override\n"));
    const auto clear = weight({"clear", "shop"});
    EXPECT_EQ(clear.code, 0) << clear.err;
    EXPECT_EQ(clear.out, "shop: stable 75 → 95, canary 25 → 5 (generation 9)\n");
}

TEST_F(weight_command, of_a_canary_ingress) {
    EXPECT_EQ(
        weight({"get", "ingress/shop/next"}).out, "ROUTE  TRACK   DECLARED  EFFECTIVE  FROM\n"
                                                  "shop   canary  5         5          declared\n"
    );
    const auto set = weight({"set", "ingress/shop/next", "25", "--if-match", "7"});
    EXPECT_EQ(set.code, 0) << set.err;
    EXPECT_EQ(
        set.out, "shop/next: 5 → 25 on 1 route (generation 8)\n"
                 "This override ends with the gateway's process, which has no --state-dir.\n"
    );
    EXPECT_EQ(weight({"clear", "ingress/shop/next"}).out, "shop/next: 25 → 5 on 1 route (generation 9)\n");
    const auto none = weight({"set", "ingress/shop/none", "25"});
    EXPECT_EQ(none.code, 1);
    EXPECT_TRUE(has(none.err, "canary Ingresses are: shop/next")) << none.err;
    for (const auto& words : {std::vector<std::string>{}, {"canary=25"}, {"101"}, {"5", "6"}}) {
        std::vector<std::string> all{"set", "ingress/shop/next"};
        all.insert(all.end(), words.begin(), words.end());
        EXPECT_EQ(weight(all).code, 2);
    }
}

TEST_F(weight_command, if_match) {
    EXPECT_EQ(weight({"set", "shop", "canary=25", "--if-match", "7"}).code, 0);
    const auto stale = weight({"set", "shop", "canary=30", "--if-match", "7"});
    EXPECT_EQ(stale.code, 1);
    EXPECT_EQ(stale.out, "");
    EXPECT_EQ(
        stale.err, "adit: The route has changed since it was read: route \"shop\" is at generation 8 (read "
                   "the route again "
                   "and send its ETag in If-Match)\n"
    );
    EXPECT_EQ(weight({"set", "shop", "canary=30", "--if-match", "x"}).code, 2);
}

TEST_F(weight_command, problems_are_told_with_title_detail_and_hint) {
    const auto got = weight({"set", "shop", "next=5"});
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(
        got.err, "adit: No such track: route \"shop\" has no track named \"next\" (tracks are: canary)\n"
    );
    EXPECT_EQ(
        weight({"get", "nowhere"}).err,
        "adit: No such route: there is no route named \"nowhere\" (routes are: shop, team/web)\n"
    );
}

TEST_F(weight_command, the_only_route_need_not_be_named) {
    const auto many = weight({"set", "canary=25"});
    EXPECT_EQ(many.code, 2);
    EXPECT_EQ(
        many.err, "adit weight set: name one of the 2 routes: shop, team/web\nTry `adit weight set --help`.\n"
    );
    EXPECT_EQ(weight({"clear"}).code, 2);
    rig_.on_control([&] { rig_.gateway.all.pop_back(); });
    EXPECT_EQ(weight({"set", "canary=25"}).code, 0);
    EXPECT_EQ(rig_.on_control([&] { return rig_.gateway.last_put.route; }), "shop");
    EXPECT_EQ(weight({"clear"}).code, 0);
    rig_.on_control([&] { rig_.gateway.all.clear(); });
    const auto none = weight({"clear"});
    EXPECT_EQ(none.code, 1);
    EXPECT_EQ(none.err, "adit: the gateway has no routes\n");
}

TEST_F(weight_command, slips_are_found_before_anything_is_asked) {
    const auto got = weight({"set", "shop", "canary=12.345"});
    EXPECT_EQ(got.code, 2);
    EXPECT_EQ(
        got.err,
        "adit weight set: canary=12.345: a weight has at most two decimals; write TRACK=PERCENT, e.g. "
        "canary=12.5\nTry `adit weight set --help`.\n"
    );
    EXPECT_EQ(weight({"set"}).code, 2);
    EXPECT_EQ(adit({"weight", "get", "--admin", "https://x"}).code, 2);
}

TEST(weight_command_alone, nobody_there) {
    // Bound and closed again: nobody listens there now.
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor held(context, {boost::asio::ip::make_address("127.0.0.1"), 0});
    const auto address = "127.0.0.1:" + std::to_string(held.local_endpoint().port());
    held.close();
    const auto got = adit({"weight", "get", "--admin", address});
    EXPECT_EQ(got.code, 1);
    EXPECT_TRUE(has(got.err, "adit: ") && has(got.err, address)) << got.err;
    EXPECT_EQ(got.out, "");
}

TEST(weight_command_alone, token_files) {
    temporary_directory at;
    at.put("tokens", "# ops\nops s3cret\n");
    at.put("empty", "# nothing\n");
    admin::server_options guarded;
    guarded.token_file = at / "tokens";
    admin::test::rig rig(std::move(guarded));
    const auto address = "127.0.0.1:" + std::to_string(rig.admin.port());
    const auto without = adit({"weight", "get", "--admin", address});
    EXPECT_EQ(without.code, 1);
    EXPECT_TRUE(has(without.err, "--admin-token-file")) << without.err;
    EXPECT_EQ(adit({"weight", "get", "--admin", address, "--token-file", at / "tokens"}).code, 0);
    const auto empty = adit({"weight", "get", "--admin", address, "--token-file", at / "empty"});
    EXPECT_EQ(empty.code, 1);
    EXPECT_TRUE(has(empty.err, "has no token in it")) << empty.err;
    EXPECT_TRUE(has(
        adit({"weight", "get", "--token-file", "/nowhere"}).err, "the token file /nowhere cannot be opened"
    ));
}

TEST(weight_texts, a_killed_route_and_warnings) {
    admin::route_view view = admin::test::fake_control::make("shop");
    view.killed = true;
    view.kill_reason = "bad day";
    view.weights_from = "kill";
    view.warnings = {"a cohort rounds to 0.01 %"};
    EXPECT_EQ(
        weights_change_text(admin::to_json(admin::weights_change{view, view})),
        "shop: stable 95, canary 5 (generation 7)\n"
        "The kill switch is on: everybody goes to stable until it is undone (bad day).\n"
        "Warning: a cohort rounds to 0.01 %.\n"
    );
    const auto shown = admin::to_json(view);
    EXPECT_TRUE(has(weights_table({&shown}), "shop   canary  5         5          kill\n"))
        << weights_table({&shown});
    // An answer of who knows what does no harm.
    const boost::json::object odd{{"name", 5}, {"tracks", boost::json::array{1, boost::json::object{}}}};
    EXPECT_EQ(weights_table({&odd}), "ROUTE  TRACK  DECLARED  EFFECTIVE  FROM\n              -         -\n");
    EXPECT_EQ(weights_change_text({}), ": (generation -)\n");
}

} // namespace
} // namespace adit::cli
