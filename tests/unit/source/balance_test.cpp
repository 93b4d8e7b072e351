// What is told of mistakes in `balance` and `health`.
#include "source/file/read.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::source {
namespace {

std::string told(const std::string& part) {
    const auto got =
        read_text("routes:\n- name: a\n  tracks: {stable: {endpoints: [b]}}\n  " + part + '\n', "f");
    std::string out;
    for (const auto& one : got.problems) out += to_text(one) + '\n';
    EXPECT_EQ(got.gateway.has_value(), !has_errors(got.problems)) << part;
    return out;
}

TEST(balance, tells_mistakes_with_their_place) {
    struct row {
        const char* text;
        const char* wanted;
    };
    const row rows[]{
        {"balance: {}", ""},
        {"balance: {by: random}",
         "f:4:17: error: routes[0].balance.by: `random` is not known here (one of round_robin, "
         "least_requests, peak_ewma, hash)\n"},
        {"balance: {by: hash}",
         "f:4:12: error: routes[0].balance.hash: the key is missing (e.g. hash: {cookie: session})\n"},
        {"balance: {hash: {uri: true}}",
         "f:4:19: error: routes[0].balance.hash: `hash` means nothing unless requests "
         "are balanced by it (write by: hash beside it)\n"},
        {"balance: {by: hash, hash: {header: a b}}", "f:4:38: error: routes[0].balance.hash.header: `a b` is "
                                                     "not the name of a header (letters, digits and "
                                                     "!#$%&'*+-.^_`|~; no spaces, no colon)\n"},
        {"balance: {by: hash, hash: {uri: true, bound: 100}}",
         "f:4:48: error: routes[0].balance.hash.bound: 100 is out of range (from 101 to 1000)\n"},
        {"balance: {by: hash, hash: {uri: true}, sticky: {}}",
         "f:4:50: error: routes[0].balance.sticky: a cookie and a hash cannot both decide (remove one of "
         "sticky and "
         "by: hash)\n"},
        {"balance: {sticky: {path: shop}}",
         "f:4:28: error: routes[0].balance.sticky.path: `shop` does not begin with '/' (e.g. /shop)\n"},
        {"balance: {sticky: {same_site: none}}", "f:4:33: warning: routes[0].balance.sticky.same_site: "
                                                 "browsers drop a cookie with SameSite=None that is not "
                                                 "Secure (write secure: true beside it)\n"},
        {"balance: {sticky: {pin: yes}}", "f:4:27: error: routes[0].balance.sticky.pin: `yes` is not known "
                                          "here (one of none, track, strict)\n"},
        {"balance: {pending_timeout: 0s}",
         "f:4:30: error: routes[0].balance.pending_timeout: 0s is out of range (from 1ms to 24h)\n"},
        {"health: {passive: {}}", ""},
        {"health: {passive: {max_share: 101}}",
         "f:4:33: error: routes[0].health.passive.max_share: 101 is out of range (from 0 to 100)\n"},
        {"health: {passive: {base_ejection: 10s, max_ejection: 5s}}",
         "f:4:56: error: routes[0].health.passive.max_ejection: it is shorter than base_ejection (at least "
         "10s)\n"},
        {"health: {active: {interval: 1s}}",
         "f:4:20: error: routes[0].health.active: one of the keys http or tcp is wanted\n"},
        {"health: {active: {http: {path: healthz}}}",
         "f:4:34: error: routes[0].health.active.http.path: `healthz` is no path to ask for (it begins with "
         "'/' and has "
         "no spaces, e.g. /healthz)\n"},
        {"health: {active: {http: {status: 2xx}}}", "f:4:36: error: routes[0].health.active.http.status: "
                                                    "`2xx` is no range of statuses (e.g. 200-299)\n"},
        {"health: {active: {http: {status: 300-200}}}",
         "f:4:36: error: routes[0].health.active.http.status: statuses go from 100 to 599 (e.g. 200-299)\n"},
        {"health: {active: {tcp: true, rise: 0}}",
         "f:4:38: error: routes[0].health.active.rise: 0 is out of range (from 1 to 1000)\n"},
    };
    for (const auto& one : rows) EXPECT_EQ(told(one.text), one.wanted) << one.text;
}

} // namespace
} // namespace adit::source
