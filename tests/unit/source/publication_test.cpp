#include "source/kubernetes/election.hpp"
#include "source/kubernetes/message.hpp"
#include "source/kubernetes/publication.hpp"

#include <gtest/gtest.h>

namespace adit::source::kubernetes {
namespace {

using namespace std::chrono_literals;
using request = election::request;

constexpr instant second = 1'000'000'000;

lease held(const std::string& by, const std::string& renewed, std::chrono::seconds lasts = 15s) {
    return {"7", by, renewed, lasts};
}

TEST(election, is_won_by_who_makes_the_lease) {
    election one("me");
    EXPECT_EQ(one.next(), request::read);
    one.asked(0);
    one.missing(1 * second);
    EXPECT_EQ(one.next(), request::create);
    EXPECT_EQ(one.due(), 1 * second);
    one.asked(1 * second);
    one.written("8", 2 * second);
    EXPECT_TRUE(one.leads(2 * second));
    EXPECT_EQ(one.next(), request::renew);
    EXPECT_EQ(one.due(), 4 * second);
    EXPECT_EQ(one.version(), "8");
    EXPECT_TRUE(one.leads(11 * second - 1)); // counted from when it asked, not from the answer
    EXPECT_FALSE(one.leads(11 * second));
}

TEST(election, is_lost_to_who_was_faster) {
    election one("me");
    one.missing(0);
    one.beaten(0);
    EXPECT_EQ(one.next(), request::read);
    EXPECT_EQ(one.due(), 2 * second);
    one.found(held("other", "t1"), 2 * second);
    EXPECT_FALSE(one.leads(2 * second));
    EXPECT_EQ(one.next(), request::read);
}

TEST(election, waits_for_as_long_as_the_lease_was_seen_unchanged) {
    struct row {
        std::chrono::seconds lasts;
        instant over;
    };
    for (const auto& [lasts, over] : {row{15s, 15}, row{3s, 3}, row{0s, 15}}) {
        election one("me");
        one.found(held("other", "t1", lasts), 100 * second);
        one.found(held("other", "t2", lasts), 200 * second); // renewed
        one.found(held("other", "t2", lasts), (200 + over) * second - 1);
        EXPECT_EQ(one.next(), request::read);
        one.found(held("other", "t2", lasts), (200 + over) * second);
        EXPECT_EQ(one.next(), request::renew);
        EXPECT_EQ(one.due(), (200 + over) * second);
        EXPECT_EQ(one.version(), "7");
        EXPECT_FALSE(one.leads((200 + over) * second)); // not before the API server agrees
    }
}

TEST(election, takes_a_free_lease_and_its_own_at_once) {
    for (const char* holder : {"", "me"}) {
        election one("me");
        one.found(held(holder, "t1"), second);
        EXPECT_EQ(one.next(), request::renew);
        EXPECT_EQ(one.due(), second);
    }
}

TEST(election, is_trusted_for_less_than_others_wait) {
    const election_rules rules;
    EXPECT_LT(rules.trusted, rules.lasts);
    election one("me");
    one.asked(0);
    one.written("8", 0);
    one.failed(2 * second);
    EXPECT_TRUE(one.leads(2 * second)); // an answer that did not come takes nothing away
    EXPECT_EQ(one.next(), request::read);
    one.failed(9 * second);
    EXPECT_FALSE(one.leads(10 * second));
    one.asked(8 * second);
    one.written("9", 9 * second);
    one.found(held("other", "t"), 9 * second);
    EXPECT_FALSE(one.leads(9 * second));
}

TEST(leases, are_read_as_far_as_they_matter) {
    std::string why;
    const auto got = read_lease(
        R"({"kind":"Lease","metadata":{"resourceVersion":"4"},"spec":{"holderIdentity":"a","leaseDurationSeconds":9,)"
        R"("renewTime":"2026-01-01T00:00:00.000000Z"}})",
        why
    );
    ASSERT_TRUE(got) << why;
    EXPECT_EQ(got->version, "4");
    EXPECT_EQ(got->holder, "a");
    EXPECT_EQ(got->lasts, 9s);
    EXPECT_TRUE(read_lease(R"({"metadata":{"resourceVersion":"4"},"spec":{}})", why));
    for (const char* text :
         {"", "{}", "[]", R"({"metadata":{"resourceVersion":"4"},"spec":{"leaseDurationSeconds":-1}})"})
        EXPECT_FALSE(read_lease(text, why)) << text;
}

cluster::state with_service(cluster::service one) {
    one.meta.name_space = "gate";
    one.meta.name = "entry";
    cluster::state out;
    out.put(cluster::ref<cluster::service>(std::make_shared<cluster::service>(std::move(one))));
    return out;
}

TEST(published_addresses, are_those_of_flags_or_of_a_service) {
    using list = std::vector<std::string>;
    publish_options flags;
    flags.addresses = {"b.test", "192.0.2.1", "b.test"};
    EXPECT_EQ(addresses_to_publish(flags, {}), (list{"192.0.2.1", "b.test"}));
    publish_options by;
    by.service = "gate/entry";
    EXPECT_EQ(addresses_to_publish(by, {}), list{});
    cluster::service one;
    one.cluster_ip = "10.96.0.1";
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), list{"10.96.0.1"});
    one.published.at = {"192.0.2.9"}; // left over from another type
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), list{"10.96.0.1"});
    one.external_ips = {"198.51.100.1"};
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), list{"198.51.100.1"});
    one.balanced = true;
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), (list{"192.0.2.9", "198.51.100.1"}));
    one.published.at.clear();
    one.external_ips.clear();
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), list{}); // the balancer is on its way
    one.external_name = "entry.test";
    EXPECT_EQ(addresses_to_publish(by, with_service(one)), list{"entry.test"});
}

TEST(status_patches, are_for_ours_that_say_something_else) {
    cluster::state all;
    const auto put = [&](const std::string& name, const std::string& of, std::vector<std::string> says) {
        auto one = std::make_shared<cluster::ingress>();
        one->meta.name_space = "shop";
        one->meta.name = name;
        one->class_name = of;
        one->published.at = std::move(says);
        all.put(cluster::ref<cluster::ingress>(std::move(one)));
    };
    auto nginx = std::make_shared<cluster::ingress_class>();
    nginx->meta.name = "nginx";
    nginx->controller = "k8s.io/ingress-nginx";
    all.put(cluster::ref<cluster::ingress_class>(std::move(nginx)));
    put("silent", "nginx", {});
    put("right", "nginx", {"x.test", "192.0.2.1"});
    put("wrong", "nginx", {"192.0.2.2"});
    put("foreign", "other", {});
    std::string keys;
    const auto got = wanted_patches({"192.0.2.1", "x.test"}, all, {});
    for (const auto& one : got) keys += one.key + ' ';
    EXPECT_EQ(keys, "shop/wrong shop/silent ");
    EXPECT_EQ(got.at(0).target, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/wrong/status");
    EXPECT_EQ(
        got.at(0).body,
        R"({"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"x.test"}]}}})"
    );
}

} // namespace
} // namespace adit::source::kubernetes
