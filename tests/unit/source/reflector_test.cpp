#include "source/kubernetes/reflector.hpp"

#include <gtest/gtest.h>

namespace adit::source::kubernetes {
namespace {

using namespace std::chrono_literals;
using request = reflector::request;
using change = reflector::change;

constexpr double no_jitter = 1; // the whole wait
constexpr instant second = 1'000'000'000;
using names = std::vector<std::string>;

// A reflector whose list is whole, with a watch from version 7 to be asked for.
reflector listed(const names& what = {"shop/a", "shop/b"}, reflector_rules rules = {}) {
    reflector out(rules);
    out.query(0);
    out.page("7", {}, what, 0);
    return out;
}
reflector watching(instant now = 0) {
    auto out = listed();
    out.query(0);
    out.began(now);
    return out;
}
double waited(const reflector& of, instant now) {
    return static_cast<double>(of.due() - now) / second;
}

TEST(reflector, lists_page_by_page_and_then_watches) {
    reflector one;
    EXPECT_EQ(one.next(), request::list);
    EXPECT_EQ(one.query(0), "limit=500");
    EXPECT_TRUE(one.page("5", "to ken==", {"shop/a"}, 1).empty());
    EXPECT_FALSE(one.complete());
    EXPECT_EQ(one.next(), request::list);
    EXPECT_EQ(one.due(), 1);
    EXPECT_EQ(one.query(0), "limit=500&continue=to%20ken%3D%3D");
    one.page("5", {}, {"shop/b"}, 2);
    EXPECT_TRUE(one.complete());
    EXPECT_EQ(one.next(), request::watch);
    EXPECT_EQ(one.query(0.5), "watch=1&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=450");
    EXPECT_EQ(one.lasts(), 450s);
}

TEST(reflector, resumes_from_the_last_version_it_heard_of) {
    struct row {
        const char* what;
        void (*happens)(reflector&);
        const char* version;
    };
    const row rows[] = {
        {"an event", [](reflector& r) { r.event(change::modified, "9", "shop/a"); }, "9"},
        {"a bookmark", [](reflector& r) { r.event(change::bookmark, "12", {}); }, "12"},
        {"a deletion", [](reflector& r) { r.event(change::deleted, "10", "shop/a"); }, "10"},
        {"an event without a version", [](reflector& r) { r.event(change::added, {}, "shop/c"); }, "7"},
        {"nothing", [](reflector&) {}, "7"},
    };
    for (const auto& [what, happens, version] : rows)
        for (const bool cut : {false, true}) {
            auto one = watching();
            happens(one);
            cut ? one.lost(10 * second, no_jitter) : one.ended(10 * second, no_jitter);
            EXPECT_EQ(one.next(), request::watch) << what;
            EXPECT_NE(one.query(0).find(std::string("resourceVersion=") + version + '&'), std::string::npos)
                << what;
        }
}

TEST(reflector, asks_again_at_once_after_a_watch_that_ended_as_it_should) {
    auto one = watching();
    one.event(change::bookmark, "8", {});
    one.ended(second, no_jitter);
    EXPECT_EQ(one.due(), second);
    one.query(0);
    one.began(second);
    one.ended(10 * second, no_jitter); // silent, but it lasted
    EXPECT_EQ(one.due(), 10 * second);
    for (const double wanted : {0.2, 0.4, 0.8}) { // ended at once, again and again
        one.query(0);
        one.began(20 * second);
        one.ended(20 * second + 1, no_jitter);
        EXPECT_NEAR(waited(one, 20 * second), wanted, 0.001);
    }
    EXPECT_EQ(one.failures(), 0U);
}

TEST(reflector, lists_again_when_the_version_is_gone) {
    for (const bool had_begun : {false, true}) { // by status, or by an ERROR event of the stream
        auto one = listed();
        one.query(0);
        if (had_begun) one.began(0);
        one.refused(410, {}, 5, no_jitter);
        EXPECT_EQ(one.next(), request::list);
        EXPECT_EQ(one.due(), 5);
        EXPECT_EQ(one.query(0), "limit=500");
        // A server that says so after every list is not asked in a loop.
        one.page("8", {}, {}, 6);
        one.query(0);
        if (had_begun) one.began(6);
        one.refused(410, {}, 6, no_jitter);
        EXPECT_EQ(one.next(), request::list);
        EXPECT_GE(waited(one, 6), 0.2);
    }
}

TEST(reflector, tells_what_has_gone_only_after_a_whole_list) {
    auto one = watching();
    one.event(change::added, "8", "shop/c");
    one.event(change::deleted, "9", "shop/a");
    one.refused(410, {}, 1, no_jitter);
    one.query(0);
    EXPECT_TRUE(one.page("20", "more", {"shop/x"}, 2).empty());
    one.query(0);
    one.lost(3, no_jitter);
    EXPECT_EQ(one.next(), request::list);
    EXPECT_EQ(one.query(0), "limit=500&continue=more"); // goes on where it was
    one.refused(503, {}, 4, no_jitter);
    EXPECT_EQ(one.query(0), "limit=500&continue=more");
    EXPECT_EQ(one.page("20", {}, {"shop/c"}, 5), names{"shop/b"});
    // The list that began before a failure does not stand for one that begins after it.
    one.query(0);
    one.refused(410, {}, 6, no_jitter);
    one.query(0);
    one.page("30", "more", {"shop/c", "shop/x"}, 7);
    one.query(0);
    one.refused(410, {}, 8, no_jitter);
    EXPECT_EQ(one.query(0), ""); // in one piece
    EXPECT_EQ(one.page("31", {}, {"shop/c"}, 9), names{"shop/x"});
    one.refused(410, {}, 10, no_jitter);
    EXPECT_EQ(one.query(0), "limit=500");
}

TEST(reflector, waits_longer_from_failure_to_failure) {
    reflector one;
    instant now = 0;
    for (const double wanted : {0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 30.0}) {
        one.query(0);
        one.lost(now, no_jitter);
        EXPECT_NEAR(waited(one, now), wanted, 0.001);
        now = one.due();
    }
    for (int i = 0; i < 100; ++i) one.refused(500, {}, now, no_jitter);
    EXPECT_NEAR(waited(one, now), 30, 0.001);
    one.lost(now, 0);
    EXPECT_NEAR(waited(one, now), 15, 0.001); // jitter halves it at most
    EXPECT_EQ(one.failures(), 112U);
    one.page("7", {}, {}, now);
    EXPECT_EQ(one.due(), now);
    one.query(0);
    one.began(now);
    one.event(change::bookmark, "8", {});
    one.lost(now, no_jitter);
    EXPECT_NEAR(waited(one, now), 0.2, 0.001); // what was heard makes up for all
}

TEST(reflector, heeds_retry_after) {
    const std::pair<std::chrono::seconds, double> rows[] = {{0s, 0.2}, {7s, 7}, {1h, 300}};
    for (const auto& [asked, wanted] : rows)
        for (const unsigned status : {429U, 503U, 410U}) {
            auto one = listed();
            one.query(0);
            one.refused(status, asked, 0, no_jitter);
            EXPECT_NEAR(waited(one, 0), wanted, 0.001) << status;
        }
}

TEST(reflector, does_not_insist_on_a_version_that_is_refused) {
    auto one = listed();
    for (const auto wanted : {request::watch, request::watch, request::list}) {
        one.query(0);
        one.refused(500, {}, 0, no_jitter); // as API servers answer to one that is no number
        EXPECT_EQ(one.next(), wanted);
    }
    auto other = listed();
    for (int i = 0; i < 10; ++i) { // nobody there is no reason
        other.query(0);
        other.lost(0, no_jitter);
    }
    EXPECT_EQ(other.next(), request::watch);
}

TEST(reflector, does_not_trust_a_version_that_is_never_heard_of) {
    for (const bool cut : {false, true}) {
        auto one = watching();
        cut ? one.lost(151 * second, no_jitter) : one.ended(151 * second, no_jitter);
        EXPECT_EQ(one.next(), request::list);
        auto other = watching();
        other.event(change::bookmark, "7", {});
        cut ? other.lost(151 * second, no_jitter) : other.ended(151 * second, no_jitter);
        EXPECT_EQ(other.next(), request::watch);
    }
}

} // namespace
} // namespace adit::source::kubernetes
