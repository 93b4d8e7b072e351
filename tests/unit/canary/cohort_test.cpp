#include "canary/cohort_cookie.hpp"

#include "unit/canary/routes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace adit::canary {
namespace {

using by_key = model::cohort::key;
using tests::request;

model::route cohort_route(
    by_key by, std::string name, std::uint32_t weight = 5000, bool issue = false, bool signed_only = false
) {
    auto out = make_route({{"canary", weight}});
    out.cohort = model::cohort{by, std::move(name), "", issue, signed_only};
    return out;
}

std::string value_of(const choice& made) {
    return {made.cookie.data(), made.cookie.size()};
}

TEST(cohort, buckets_are_the_same_on_every_replica_and_for_ever) {
    // Computed apart from this code, by the definition of XXH64. A changed number here moves every user of
    // every gateway: never do it.
    EXPECT_EQ(salt_seed("shop"), 13650569109110187887U);
    EXPECT_EQ(bucket_of(salt_seed("shop"), "user-1"), 1420U);
    EXPECT_EQ(bucket_of(salt_seed("shop"), "user-2"), 7131U);
    EXPECT_EQ(bucket_of(salt_seed("other"), "user-1"), 6134U);
    EXPECT_EQ(bucket_of(salt_seed(""), ""), 636U);
}

TEST(cohort, is_monotone_and_none_flips_twice) {
    const auto by = compile(cohort_route(by_key::header, "X-User"));
    constexpr std::size_t users = 10'000;
    std::vector<int> flips(users, 0), track(users, 0), at_five;
    random_source random(1);
    std::uint32_t before = 0;
    for (const std::uint32_t weight : {100U, 500U, 2500U, 10'000U, 500U}) {
        const auto now = make_cuts(make_route({{"canary", weight}}));
        int canary = 0;
        for (std::size_t user = 0; user < users; ++user) {
            const request r("/", {{"X-User", "user-" + std::to_string(user)}});
            const auto made = by.choose(r.head(), peer, now, random);
            ASSERT_EQ(made.why, reason::cohort);
            ASSERT_TRUE(made.randomised);
            const int got = made.track;
            canary += got;
            // Up once on the way to 100 %, down at most once after it.
            ASSERT_TRUE(weight > before ? got >= track[user] : got <= track[user])
                << user << " at " << weight;
            flips[user] += got != track[user];
            ASSERT_LE(flips[user], 2);
            track[user] = got;
        }
        const double p = weight / 10'000.0;
        EXPECT_LE(std::abs(canary - users * p), 4.5 * std::sqrt(users * p * (1 - p))) << weight;
        if (weight == 500 && before < weight) at_five = track;
        before = weight;
    }
    EXPECT_EQ(track, at_five); // back at 5 % the same users are there as before
}

TEST(cohort, lowering_removes_the_newest) {
    const auto seed = salt_seed("shop");
    const auto at_five = make_cuts(make_route({{"canary", 500}}));
    const auto at_one = make_cuts(make_route({{"canary", 100}}));
    for (int user = 0; user < 10'000; ++user) {
        const auto bucket = bucket_of(seed, std::to_string(user));
        if (at_one.by_bucket(bucket)) {
            ASSERT_TRUE(at_five.by_bucket(bucket));
        }
    }
}

TEST(cohort, the_salt_deals_anew_and_defaults_to_the_name) {
    auto route = cohort_route(by_key::header, "X-User");
    const request r("/", {{"X-User", "me"}});
    random_source random(1);
    const auto bucket = [&] {
        return compile(route).choose(r.head(), peer, make_cuts(route), random).bucket;
    };
    const auto by_name = bucket();
    route.cohort->salt = "shop";
    EXPECT_EQ(bucket(), by_name);
    route.cohort->salt = "autumn";
    EXPECT_NE(bucket(), by_name);
}

TEST(cohort, by_address_and_by_header) {
    random_source random(1);
    const auto by_address = cohort_route(by_key::address, "");
    const auto by = compile(by_address);
    const auto one = by.choose(request("/").head(), *parse_ip("192.0.2.1"), make_cuts(by_address), random);
    const auto again =
        by.choose(request("/x").head(), *parse_ip("::ffff:192.0.2.1"), make_cuts(by_address), random);
    const auto other = by.choose(request("/").head(), *parse_ip("192.0.2.2"), make_cuts(by_address), random);
    EXPECT_EQ(one.why, reason::cohort);
    EXPECT_EQ(one.bucket, again.bucket);
    EXPECT_NE(one.bucket, other.bucket);

    const auto by_header = cohort_route(by_key::header, "X-User");
    const auto chosen = compile(by_header);
    for (const auto& fields : {request::field_list{}, request::field_list{{"X-User", ""}}}) {
        const auto made = chosen.choose(request("/", fields).head(), peer, make_cuts(by_header), random);
        EXPECT_EQ(made.why, reason::dice); // no key
        EXPECT_EQ(made.bucket, no_bucket);
        EXPECT_FALSE(made.issue_cookie);
    }
}

TEST(cohort, the_choice_records_buckets) {
    const auto route = cohort_route(by_key::address, "", 1250);
    random_source random(1);
    const auto made = compile(route).choose(request("/").head(), peer, make_cuts(route), random);
    EXPECT_EQ(made.total, bucket_count);
    EXPECT_EQ(made.weight, made.track ? 1250U : 8750U);
}

TEST(cohort_cookie, is_issued_once_and_keeps_its_bucket) {
    const auto route = cohort_route(by_key::cookie, "adit", 5000, true);
    const auto by = compile(route);
    random_source random(3);
    std::set<std::string> values;
    std::set<int> tracks;
    for (int i = 0; i < 200; ++i) {
        const auto first = by.choose(request("/").head(), peer, make_cuts(route), random);
        ASSERT_TRUE(first.issue_cookie);
        ASSERT_EQ(first.why, reason::cohort);
        ASSERT_TRUE(has_cookie_form(value_of(first)));
        values.insert(value_of(first));
        tracks.insert(first.track);
        const request back("/", {{"Cookie", "a=b; adit=" + value_of(first)}});
        const auto second = by.choose(back.head(), peer, make_cuts(route), random);
        ASSERT_FALSE(second.issue_cookie);
        ASSERT_EQ(second.bucket, first.bucket);
        ASSERT_EQ(second.track, first.track);
    }
    EXPECT_EQ(values.size(), 200U);
    EXPECT_EQ(tracks.size(), 2U);
}

TEST(cohort_cookie, draws_of_new_visitors_follow_the_weight) {
    const auto route = cohort_route(by_key::cookie, "adit", 1000, true);
    const auto by = compile(route);
    const auto now = make_cuts(route);
    const request r("/");
    random_source random(11);
    constexpr int draws = 50'000;
    int canary = 0;
    for (int i = 0; i < draws; ++i) canary += by.choose(r.head(), peer, now, random).track;
    EXPECT_LE(std::abs(canary - draws * 0.1), 4.5 * std::sqrt(draws * 0.1 * 0.9));
}

TEST(cohort_cookie, a_changed_value_is_no_key) {
    const auto route = cohort_route(by_key::cookie, "adit", 5000, true);
    const auto by = compile(route);
    random_source random(3);
    const auto value = value_of(by.choose(request("/").head(), peer, make_cuts(route), random));
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto forged = value;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        const request r("/", {{"Cookie", "adit=" + forged}});
        const auto made = by.choose(r.head(), peer, make_cuts(route), random);
        // Where the form itself breaks it is a plain key; else the signature is wrong and a new one is
        // issued.
        ASSERT_EQ(made.issue_cookie, has_cookie_form(forged)) << i;
    }
}

TEST(cohort_cookie, any_key_verifies_and_the_newest_signs) {
    const auto route = cohort_route(by_key::cookie, "adit", 5000, true);
    random_source random(3);
    const auto issue = [&](const chooser& by) {
        return value_of(by.choose(request("/").head(), peer, make_cuts(route), random));
    };
    const auto old_value = issue(compile(route, {}, keys({1})));
    const auto both = compile(route, {}, keys({2, 1}));
    const auto new_value = issue(both);
    const auto believed = [&](const chooser& by, const std::string& value) {
        const request r("/", {{"Cookie", "adit=" + value}});
        return !by.choose(r.head(), peer, make_cuts(route), random).issue_cookie;
    };
    EXPECT_TRUE(believed(both, old_value));
    EXPECT_TRUE(believed(both, new_value));
    EXPECT_TRUE(believed(compile(route, {}, keys({2})), new_value));
    EXPECT_FALSE(believed(compile(route, {}, keys({1})), new_value));
    EXPECT_FALSE(believed(compile(route, {}, keys({2})), old_value));
}

TEST(cohort_cookie, plain_values_are_keys_unless_only_signed_ones_are) {
    const request plain("/", {{"Cookie", "adit=user-42"}});
    random_source random(3);
    for (const bool signed_only : {false, true}) {
        const auto route = cohort_route(by_key::cookie, "adit", 5000, true, signed_only);
        const auto made = compile(route).choose(plain.head(), peer, make_cuts(route), random);
        EXPECT_EQ(made.issue_cookie, signed_only);
        if (!signed_only) {
            EXPECT_EQ(made.bucket, bucket_of(salt_seed("shop"), "user-42"));
        }
    }
    const auto theirs = cohort_route(by_key::cookie, "session", 5000, false, true);
    const request r("/", {{"Cookie", "session=user-42"}});
    const auto made = compile(theirs).choose(r.head(), peer, make_cuts(theirs), random);
    EXPECT_EQ(made.why, reason::dice);
    EXPECT_FALSE(made.issue_cookie);
}

TEST(cohort_cookie, without_keys_nothing_is_issued_or_believed) {
    const auto route = cohort_route(by_key::cookie, "adit", 5000, true);
    random_source random(3);
    const auto value = value_of(compile(route).choose(request("/").head(), peer, make_cuts(route), random));
    for (const auto& none : {std::shared_ptr<const cookie_keys>{}, keys({})}) {
        const auto by = compile(route, {}, none);
        EXPECT_EQ(by.choose(request("/").head(), peer, make_cuts(route), random).why, reason::dice);
        const request r("/", {{"Cookie", "adit=" + value}});
        EXPECT_EQ(by.choose(r.head(), peer, make_cuts(route), random).why, reason::dice);
    }
}

TEST(cohort_cookie, is_not_issued_where_no_track_has_weight) {
    const auto route = cohort_route(by_key::cookie, "adit", 0, true);
    random_source random(3);
    const auto made = compile(route).choose(request("/").head(), peer, make_cuts(route), random);
    EXPECT_EQ(made.why, reason::only);
    EXPECT_FALSE(made.issue_cookie);
}

TEST(cohort_cookie, set_cookie_text) {
    const auto route = cohort_route(by_key::cookie, "adit-shop", 5000, true);
    const auto by = compile(route);
    random_source random(3);
    const auto made = by.choose(request("/").head(), peer, make_cuts(route), random);
    std::array<char, chooser::set_cookie_capacity> out;
    const auto common = "adit-shop=" + value_of(made) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000";
    EXPECT_EQ(by.write_set_cookie(made, out, false), common);
    EXPECT_EQ(by.write_set_cookie(made, out, true), common + "; Secure");
    EXPECT_EQ(by.write_set_cookie(made, std::span(out).first(common.size()), false), common);
    EXPECT_EQ(by.write_set_cookie(made, std::span(out).first(common.size()), true), "");
    EXPECT_EQ(by.write_set_cookie(choice{}, out, true), "");
}

TEST(cohort_cookie, the_longest_name_fits_the_capacity) {
    const auto route = cohort_route(by_key::cookie, std::string(chooser::max_cookie_name, 'n'), 5000, true);
    const auto by = compile(route);
    random_source random(3);
    const auto made = by.choose(request("/").head(), peer, make_cuts(route), random);
    std::array<char, chooser::set_cookie_capacity> out;
    EXPECT_FALSE(by.write_set_cookie(made, out, true).empty());
}

TEST(cohort_cookie, form) {
    const std::string good = "v1.AAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBB";
    ASSERT_EQ(good.size(), cookie_value_size);
    EXPECT_TRUE(has_cookie_form(good));
    EXPECT_EQ(cookie_id(good), "AAAAAAAAAAAAAAAA");
    for (const std::size_t at : {0U, 1U, 2U, 5U, 19U, 25U}) {
        auto bad = good;
        bad[at] = '+';
        EXPECT_FALSE(has_cookie_form(bad)) << at;
    }
    EXPECT_FALSE(has_cookie_form(good + "B"));
    EXPECT_FALSE(has_cookie_form(good.substr(1)));
    EXPECT_FALSE(has_cookie_form(""));
}

} // namespace
} // namespace adit::canary
