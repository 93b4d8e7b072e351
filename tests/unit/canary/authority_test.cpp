#include "canary/authority.hpp"

#include "unit/canary/routes.hpp"

namespace adit::canary {
namespace {

using namespace std::chrono_literals;

model::route named(std::string name, std::vector<std::pair<std::string, std::uint32_t>> canaries) {
    auto out = make_route(std::move(canaries));
    out.name = std::move(name);
    return out;
}

const deed alice{"alice", wall_time{1000s}};

// "shop 1250/0" of each change: weights by track.
std::string told(const outcome& out) {
    std::string text;
    for (const auto& [route, now] : out.changes) {
        text.append(text.empty() ? "" : ", ").append(route);
        for (std::size_t i = 1; i < now.tracks; ++i)
            text.append(i == 1 ? " " : "/").append(std::to_string(now.weight_of(i)));
        if (now.killed) text.append(" killed");
    }
    return text;
}

class authority_test : public testing::Test {
protected:
    authority_test() {
        declare({named("shop", {{"canary", 500}, {"beta", 100}}), named("blog", {{"canary", 0}})});
    }

    outcome declare(const std::vector<model::route>& routes) { return weights.set_declared(routes); }
    std::uint64_t generation(std::string_view route) const { return weights.effective(route)->generation; }

    authority weights;
};

TEST_F(authority_test, declared_parts_are_exact_until_something_goes_over_them) {
    auto shop = named("shop", {{"canary", 3}});
    shop.parts_total = 3000;
    shop.tracks[1].parts = 1;
    declare({shop});
    EXPECT_EQ(weights.cuts_of("shop")->total, 3000U);
    EXPECT_EQ(weights.cuts_of("shop")->weight_of(1), 1U);
    weights.set_override("shop", {{"canary", {50}}}, {}, alice);
    EXPECT_EQ(weights.cuts_of("shop")->total, model::weight::whole);
    EXPECT_EQ(weights.cuts_of("shop")->weight_of(1), 50U);
    weights.clear_override("shop", {});
    EXPECT_EQ(weights.cuts_of("shop")->total, 3000U);
    shop.parts_total = 30000;
    EXPECT_EQ(told(declare({shop})), "shop 1");
}

TEST_F(authority_test, declared_weights_are_in_force) {
    const auto now = weights.effective("shop").value();
    EXPECT_EQ(now.from, layer::declared);
    EXPECT_EQ(now.weights, (weight_map{{"beta", {100}}, {"canary", {500}}}));
    EXPECT_EQ(now.override_, nullptr);
    EXPECT_FALSE(now.killed);
    EXPECT_EQ(weights.cuts_of("shop")->generation, now.generation);
    EXPECT_FALSE(weights.effective("none"));
    EXPECT_FALSE(weights.cuts_of("none"));
}

TEST_F(authority_test, a_declaration_changes_only_what_is_new) {
    const auto shop = generation("shop"), blog = generation("blog");
    const auto again =
        declare({named("shop", {{"canary", 500}, {"beta", 100}}), named("blog", {{"canary", 10}})});
    EXPECT_EQ(told(again), "blog 10");
    EXPECT_EQ(generation("shop"), shop);
    EXPECT_GT(generation("blog"), blog);
    // The same numbers for other tracks are another thing.
    EXPECT_EQ(told(declare({named("shop", {{"beta", 500}, {"canary", 100}})})), "shop 500/100");
    EXPECT_FALSE(weights.effective("blog"));
}

TEST_F(authority_test, an_override_counts_and_tracks_not_named_keep_theirs) {
    const auto before = generation("shop");
    const auto out = weights.set_override("shop", {{"canary", {1250}}}, before, alice);
    EXPECT_TRUE(out);
    EXPECT_EQ(told(out), "shop 1250/100");
    const auto now = weights.effective("shop").value();
    EXPECT_EQ(now.from, layer::override_);
    EXPECT_GT(now.generation, before);
    EXPECT_EQ(now.declared, (weight_map{{"beta", {100}}, {"canary", {500}}}));
    ASSERT_NE(now.override_, nullptr);
    EXPECT_EQ(now.override_->done, alice);
    EXPECT_EQ(now.override_->declared, now.declared);
    EXPECT_EQ(told(weights.set_override("shop", {{"beta", {0}}}, {}, alice)), "shop 1250/0");
    EXPECT_EQ(told(weights.set_override("shop", {}, {}, alice)), ""); // nothing new
    EXPECT_EQ(told(weights.clear_override("shop", {})), "shop 500/100");
    EXPECT_EQ(told(weights.clear_override("shop", {})), "");
}

TEST_F(authority_test, one_weight_for_tracks_of_several_routes_is_one_change) {
    const std::vector<route_track> both{{"shop", "beta"}, {"blog", "canary"}};
    const auto set = weights.set_overrides(both, {2500}, alice);
    EXPECT_EQ(told(set), "blog 2500, shop 500/2500");
    EXPECT_EQ(weights.effective("shop")->override_->done, alice);
    EXPECT_EQ(told(weights.set_overrides(both, {2500}, alice)), "");
    const auto cleared = weights.clear_overrides(both);
    EXPECT_EQ(told(cleared), "blog 0, shop 500/100");
    EXPECT_EQ(cleared.ended, (std::vector<std::string>{"blog", "shop"}));
    EXPECT_EQ(told(weights.clear_overrides(both)), "");
}

TEST_F(authority_test, clearing_tracks_leaves_the_weights_of_others) {
    const std::vector<route_track> beta{{"shop", "beta"}}, canary{{"shop", "canary"}};
    weights.set_overrides(canary, {3000}, alice);
    weights.set_overrides(beta, {2000}, alice);
    EXPECT_EQ(told(weights.clear_overrides(canary)), "shop 500/2000");
    EXPECT_EQ(weights.effective("shop")->from, layer::override_);
    EXPECT_EQ(told(weights.clear_overrides(beta)), "shop 500/100");
    EXPECT_EQ(weights.effective("shop")->from, layer::declared);
}

TEST_F(authority_test, an_override_ends_when_another_ingress_takes_the_place_of_its_own) {
    auto shop = named("shop", {{"canary", 500}});
    shop.tracks[1].ingress = "shop/next";
    declare({shop});
    weights.set_override("shop", {{"canary", {5000}}}, {}, alice);
    EXPECT_EQ(told(declare({shop})), "");
    shop.tracks[1].ingress = "shop/other";
    const auto out = declare({shop});
    EXPECT_EQ(told(out), "shop 500");
    EXPECT_EQ(out.ended, std::vector<std::string>{"shop"});
}

TEST_F(authority_test, several_overrides_are_refused_together) {
    const auto before = weights.save();
    const auto refused = [&](const outcome& out) {
        EXPECT_TRUE(out.changes.empty());
        return (out.refused ? std::string(to_text(*out.refused)) : "done") + ' ' + out.route;
    };
    const std::vector<route_track> full{{"blog", "canary"}, {"shop", "canary"}};
    EXPECT_EQ(refused(weights.set_overrides(full, {9950}, alice)), "sum-over-100 shop");
    const std::vector<route_track> gone{{"blog", "canary"}, {"nope", "canary"}};
    EXPECT_EQ(refused(weights.set_overrides(gone, {1}, alice)), "unknown-route nope");
    weights.set_release("shop", "may", {});
    EXPECT_EQ(refused(weights.set_overrides(full, {1}, alice)), "release-active shop");
    weights.end_release("shop");
    EXPECT_EQ(weights.save().overrides, before.overrides);
    // What is declared may not fit beside what others were given.
    const std::vector<route_track> canary{{"shop", "canary"}}, beta{{"shop", "beta"}};
    weights.set_overrides(canary, {0}, alice);
    weights.set_overrides(beta, {9900}, alice);
    EXPECT_EQ(refused(weights.clear_overrides(canary)), "sum-over-100 shop");
}

TEST_F(authority_test, refusals_have_names_and_change_nothing) {
    const auto before = weights.save();
    const auto refused = [&](const outcome& out) {
        EXPECT_FALSE(out.message.empty());
        EXPECT_TRUE(out.changes.empty());
        return out.refused ? to_text(*out.refused) : "done";
    };
    const std::vector<std::string> unknown{"shop", "nope"};
    EXPECT_EQ(refused(weights.set_override("nope", {}, {}, alice)), "unknown-route");
    EXPECT_EQ(refused(weights.clear_override("nope", {})), "unknown-route");
    EXPECT_EQ(refused(weights.kill(unknown, alice)), "unknown-route");
    EXPECT_EQ(refused(weights.unkill(unknown)), "unknown-route");
    EXPECT_EQ(refused(weights.set_override("shop", {{"carany", {1}}}, {}, alice)), "unknown-track");
    EXPECT_EQ(refused(weights.set_override("shop", {{"stable", {1}}}, {}, alice)), "stable-track");
    EXPECT_EQ(refused(weights.set_override("shop", {{"canary", {9901}}}, {}, alice)), "sum-over-100");
    EXPECT_EQ(
        refused(weights.set_override("shop", {{"canary", {1}}}, generation("shop") + 1, alice)),
        "stale-generation"
    );
    EXPECT_EQ(refused(weights.clear_override("shop", generation("shop") - 1)), "stale-generation");
    EXPECT_EQ(weights.save(), before);
    EXPECT_TRUE(weights.set_override("shop", {{"canary", {9900}}}, {}, alice)); // exactly 100
}

TEST_F(authority_test, messages_tell_what_there_is) {
    EXPECT_EQ(
        weights.set_override("shpo", {}, {}, alice).message,
        "there is no route \"shpo\"; there are blog, shop"
    );
    EXPECT_EQ(
        weights.set_override("shop", {{"carany", {1}}}, {}, alice).message,
        "there is no track \"carany\" that takes a weight; there are canary, beta"
    );
    EXPECT_EQ(
        weights.set_override("shop", {{"canary", {9950}}}, {}, alice).message,
        "the weights would come to more than 100: beta 1, canary 99.5; tracks not named keep theirs"
    );
}

TEST_F(authority_test, an_override_ends_when_the_declared_weight_changes) {
    weights.set_override("shop", {{"canary", {1250}}}, {}, alice);
    // Not by a declaration that says the same.
    EXPECT_EQ(told(declare({named("shop", {{"canary", 500}, {"beta", 100}})})), "");
    EXPECT_EQ(weights.effective("shop")->from, layer::override_);
    const auto out = declare({named("shop", {{"canary", 600}, {"beta", 100}})});
    EXPECT_EQ(told(out), "shop 600/100");
    EXPECT_EQ(out.ended, std::vector<std::string>{"shop"});
    EXPECT_EQ(weights.effective("shop")->from, layer::declared);
}

TEST_F(authority_test, an_override_ends_with_its_route) {
    weights.set_override("shop", {{"canary", {1250}}}, {}, alice);
    EXPECT_EQ(declare({}).ended, std::vector<std::string>{"shop"});
    declare({named("shop", {{"canary", 500}, {"beta", 100}})});
    EXPECT_EQ(weights.effective("shop")->from, layer::declared);
}

TEST_F(authority_test, the_kill_switch_is_above_all_and_keeps_the_weights) {
    weights.set_override("shop", {{"canary", {1250}}}, {}, alice);
    EXPECT_EQ(told(weights.kill({}, alice)), "blog 0 killed, shop 1250/100 killed");
    EXPECT_EQ(told(weights.kill({}, alice)), "");
    EXPECT_TRUE(weights.effective("shop")->killed);
    EXPECT_TRUE(weights.killed().everything);
    // Weights may be set meanwhile, and routes that come are killed too.
    EXPECT_EQ(told(weights.set_override("shop", {{"canary", {1}}}, {}, alice)), "shop 1/100 killed");
    EXPECT_EQ(
        told(declare({named("shop", {{"canary", 500}, {"beta", 100}}), named("late", {{"canary", 5}})})),
        "late 5 killed"
    );
    const std::vector<std::string> shop{"shop"};
    EXPECT_EQ(weights.unkill(shop).refused, refusal::killed_everywhere);
    EXPECT_EQ(told(weights.unkill({})), "late 5, shop 1/100");
    EXPECT_TRUE(weights.killed().empty());
}

TEST_F(authority_test, single_routes_may_be_killed) {
    const std::vector<std::string> shop{"shop"};
    EXPECT_EQ(told(weights.kill(shop, alice)), "shop 500/100 killed");
    EXPECT_FALSE(weights.effective("blog")->killed);
    // A route that goes and comes back is still killed.
    declare({});
    EXPECT_EQ(told(declare({named("shop", {{"canary", 500}})})), "shop 500 killed");
    EXPECT_EQ(told(weights.unkill(shop)), "shop 500");
}

TEST_F(authority_test, a_release_is_above_the_override_which_comes_back) {
    weights.set_override("shop", {{"canary", {1250}}}, {}, alice);
    EXPECT_EQ(told(weights.set_release("shop", "autumn", {{"canary", {200}}})), "shop 200/100");
    const auto now = weights.effective("shop").value();
    EXPECT_EQ(now.from, layer::release);
    EXPECT_EQ(now.release, "autumn");
    EXPECT_EQ(weights.set_override("shop", {{"canary", {1}}}, {}, alice).refused, refusal::release_active);
    EXPECT_EQ(weights.set_release("shop", "winter", {}).refused, refusal::release_active);
    EXPECT_EQ(told(weights.set_release("shop", "autumn", {{"canary", {200}}})), "");
    EXPECT_EQ(told(weights.set_release("shop", "autumn", {{"canary", {400}}})), "shop 400/100");
    EXPECT_EQ(told(weights.end_release("shop")), "shop 1250/100");
    EXPECT_EQ(told(weights.end_release("shop")), "");
}

TEST_F(authority_test, state_is_restored_before_or_after_the_declaration) {
    weights.set_override("shop", {{"canary", {1250}}}, {}, alice);
    weights.set_override("blog", {{"canary", {700}}}, {}, alice);
    weights.kill(std::vector<std::string>{"blog"}, alice);
    const auto state = weights.save();
    const std::vector<model::route> routes{
        named("shop", {{"canary", 500}, {"beta", 100}}),
        named("blog", {{"canary", 1}})}; // blog is declared otherwise
    for (const bool before : {true, false}) {
        authority fresh;
        std::vector<std::string> ended;
        if (before) {
            EXPECT_TRUE(fresh.restore(state).changes.empty());
            EXPECT_EQ(fresh.save().overrides, (std::vector{state.overrides[0], state.overrides[1]}));
            ended = fresh.set_declared(routes).ended;
        } else {
            fresh.set_declared(routes);
            ended = fresh.restore(state).ended;
        }
        EXPECT_EQ(ended, std::vector<std::string>{"blog"});
        EXPECT_EQ(fresh.effective("shop")->from, layer::override_);
        EXPECT_EQ(fresh.effective("shop")->override_->done, alice);
        EXPECT_EQ(fresh.cuts_of("shop")->weight_of(1), 1250U);
        EXPECT_EQ(fresh.effective("blog")->from, layer::declared);
        EXPECT_TRUE(fresh.effective("blog")->killed);
        EXPECT_GT(fresh.effective("shop")->generation, state.generation); // an old If-Match stays stale
    }
}

} // namespace
} // namespace adit::canary
