// What an operator is told of a mistake: place, key, reason and way out, word for word.
#include "source/file/read.hpp"

#include <gtest/gtest.h>

namespace adit::source {
namespace {

std::string told(std::string_view text) {
    const auto got = read_text(text, "f");
    EXPECT_FALSE(got.gateway) << text;
    std::string out;
    for (const auto& one : got.problems) out += to_text(one) + '\n';
    return out;
}

struct mistake {
    std::string_view text; // put into a file that is good otherwise
    std::string_view told;
};

// Below lines 1…5, two columns in.
constexpr std::string_view before =
    "routes:\n- name: shop\n  tracks:\n    stable: {endpoints: [a]}\n    canary: {endpoints: [b]}\n";

TEST(mistakes, in_a_route) {
    const mistake cases[]{
        {"  zebra: 5", "f:6:3: error: routes[0].zebra: unknown key (known here: name, match, tracks, force, "
                       "cohort, colour, send_colour, "
                       "fallback, balance, health, respond, https, upgrades, compress, timeouts, retry, "
                       "trailers, redirect, "
                       "rewrite, request_headers, response_headers, access, cors, rate, basic_auth, body, "
                       "external_auth, error_pages, default_backend)\n"},
        {"  sendColour: true",
         "f:6:3: error: routes[0].sendColour: unknown key (did you mean `send_colour`?)\n"},
        {"  issue: true",
         "f:6:3: error: routes[0].issue: unknown key (it belongs to routes[].cohort.issue)\n"},
        {"  <<: {a: 1}", "f:6:3: error: routes[0].<<: unknown key (merge keys are not supported; repeat the "
                         "keys, or alias the whole map)\n"},
        {"  name: again",
         "f:6:3: error: routes[0].name: the key is there twice, first in line 2 (remove one of the two)\n"},
        {"  fallback:",
         "f:6:3: error: routes[0].fallback: a value is missing (write one, or leave the key out)\n"},
        {"  fallback: canary", "f:6:13: error: routes[0].fallback: `canary` is no fallback (any or none)\n"},
        {"  send_colour: yes",
         "f:6:16: error: routes[0].send_colour: true or false is wanted, not `yes` (write true)\n"},
        {"  send_colour: \"true\"", "f:6:16: error: routes[0].send_colour: true or false is wanted, not the "
                                    "text `true` (write it without quotes)\n"},
        {"  send_colour: [true]",
         "f:6:16: error: routes[0].send_colour: true or false is wanted, not a list\n"},
        {"  upgrades: websocket",
         "f:6:13: error: routes[0].upgrades: a list is wanted, not `websocket` (write [websocket])\n"},
        {"  upgrades: [h2c]", "f:6:14: error: routes[0].upgrades[0]: h2c is never tunnelled (remove it)\n"},
        {"  respond: server_timing", "f:6:12: error: routes[0].respond: a map is wanted, not `server_timing` "
                                     "(with the keys server_timing, header)\n"},
        {"  respond: {header: Connection}", "f:6:21: error: routes[0].respond.header: `Connection` has a "
                                            "meaning of its own in responses (e.g. X-Track)\n"},
        {"  colour: {accept: [X-Color], from: [10.0.0.0/33]}",
         "f:6:21: error: routes[0].colour.accept[0]: `X-Color` is not a colour header (X-Canary or "
         "X-Version-Route)\n"
         "f:6:38: error: routes[0].colour.from[0]: `10.0.0.0/33` is neither an IP address nor a prefix (e.g. "
         "10.0.0.0/8, 192.0.2.7 or fd00::/8)\n"},
        {"  colour: {from: 10.0.0.0/8}",
         "f:6:18: error: routes[0].colour.from: a list is wanted, not `10.0.0.0/8` (write [10.0.0.0/8])\n"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(told(std::string(before) + std::string(one.text) + '\n'), one.told) << one.text;
    }
}

TEST(mistakes, in_a_match) {
    const mistake cases[]{
        {"{host: [a]}", "f:6:11: error: routes[0].match.host: unknown key (did you mean `hosts`?)\n"},
        {"{hosts: a.test}",
         "f:6:18: error: routes[0].match.hosts: a list is wanted, not `a.test` (write [a.test])\n"},
        {"{hosts: [a.test, [b]]}", "f:6:27: error: routes[0].match.hosts[1]: text is wanted, not a list "
                                   "(write b without the list around it)\n"},
        {"{hosts: [\"a.test:80\"]}", "f:6:19: error: routes[0].match.hosts[0]: `a.test:80`: a host is "
                                     "matched without its port (write a.test)\n"},
        {"{path: /api}",
         "f:6:17: error: routes[0].match.path: a map is wanted, not `/api` (write {prefix: /api})\n"},
        {"{path: {prefix: api}}",
         "f:6:26: error: routes[0].match.path.prefix: a path begins with '/' (write /api)\n"},
        {"{path: {}}",
         "f:6:17: error: routes[0].match.path: one of the keys prefix, exact or regex is wanted\n"},
        {"{path: {prefx: /}}",
         "f:6:18: error: routes[0].match.path.prefx: unknown key (did you mean `prefix`?)\n"},
        {"{path: {prefix: /, exact: /a}}", "f:6:29: error: routes[0].match.path.exact: `prefix` stands "
                                           "beside it, only one of the two can be meant (remove one)\n"},
        {"{path: {regex: \"(\"}}", "f:6:25: error: routes[0].match.path.regex: not a regular expression: "
                                   "missing closing parenthesis at byte 1\n"},
        {"{methods: [get]}",
         "f:6:21: error: routes[0].match.methods[0]: methods are told apart by case (write GET)\n"},
        {"{headers: [X-A]}", "f:6:21: error: routes[0].match.headers[0]: a map is wanted, not `X-A` (write "
                             "{name: X-A}, with `value` or `regex` beside it if need be)\n"},
        {"{headers: {name: X-A}}",
         "f:6:20: error: routes[0].match.headers: a list is wanted, not a map (begin each item with '- ')\n"},
        {"{headers: [{value: a}]}",
         "f:6:21: error: routes[0].match.headers[0].name: the key is missing (e.g. name: X-Next)\n"},
        {"{headers: [{name: X, value: a, regex: b}]}",
         "f:6:41: error: routes[0].match.headers[0].regex: `value` stands beside it, only one of the two can "
         "be meant (remove one)\n"},
        {"{headers: [{name: X, present: false}]}", "f:6:40: error: routes[0].match.headers[0].present: only "
                                                   "true can be said here (leave the key out instead)\n"},
        {"{query: [{name: a, value: }]}", "f:6:29: error: routes[0].match.query[0].value: a value is missing "
                                          "(write one, or leave the key out)\n"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(told(std::string(before) + "  match: " + std::string(one.text) + '\n'), one.told)
            << one.text;
}

TEST(mistakes, in_rules_and_cohorts) {
    const mistake cases[]{
        {"force: {header: {name: a}}",
         "f:6:10: error: routes[0].force: a list is wanted, not a map (begin each item with '- ')\n"},
        {"force: [{header: {name: a}}]",
         "f:6:11: error: routes[0].force[0].track: the key is missing (the name of a track of this route)\n"},
        {"force: [{header: {name: a}, track: next}]",
         "f:6:38: error: routes[0].force[0].track: there is no track `next` (tracks of this route: stable, "
         "canary)\n"},
        {"force: [{track: canary}]",
         "f:6:11: error: routes[0].force[0]: one of the keys header, cookie, query or source is wanted\n"},
        {"force: [{heder: {name: a}, track: canary}]",
         "f:6:12: error: routes[0].force[0].heder: unknown key (did you mean `header`?)\n"},
        {"force: [{header: X-Next, track: canary}]",
         "f:6:20: error: routes[0].force[0].header: a map is wanted, not `X-Next` (write {name: X-Next}, "
         "with `value` or `regex` beside it if need be)\n"},
        {"force: [{source: \"10.0.0.1:80\", track: canary}]",
         "f:6:20: error: routes[0].force[0].source: `10.0.0.1:80` is neither an IP address nor a prefix "
         "(leave the port out)\n"},
        {"force: [{source: [], track: canary}]",
         "f:6:20: error: routes[0].force[0].source: no address is named (e.g. 10.0.0.0/8)\n"},
        {"force: [{cookie: {name: \"a b\"}, track: canary}]",
         "f:6:27: error: routes[0].force[0].cookie.name: `a b` is not the name of a cookie (letters, digits "
         "and !#$%&'*+-.^_`|~; no spaces, no colon)\n"},
        {"cohort: adit", "f:6:11: error: routes[0].cohort: a map is wanted, not `adit` (with the keys "
                         "cookie, header, address, salt, issue, signed)\n"},
        {"cohort: {salt: a}",
         "f:6:11: error: routes[0].cohort: one of the keys cookie, header or address is wanted\n"},
        {"cohort: {cookie: a, header: b}", "f:6:23: error: routes[0].cohort.header: `cookie` stands beside "
                                           "it, only one of the two can be meant (remove one)\n"},
        {"cohort: {address: false}",
         "f:6:21: error: routes[0].cohort.address: only true can be said here (leave the key out instead)\n"},
        {"cohort: {header: X, issue: true}", "f:6:30: error: routes[0].cohort.issue: only a cookie can be "
                                             "issued (write cookie: NAME, or remove it)\n"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(told(std::string(before) + "  " + std::string(one.text) + '\n'), one.told) << one.text;
}

TEST(mistakes, in_tracks) {
    const mistake cases[]{
        {"[stable]", "f:3:11: error: routes[0].tracks: a map is wanted, not a list (begin each line with a "
                     "name and a colon)\n"},
        {"{canary: {endpoints: [a]}}", "f:3:11: error: routes[0].tracks: the track `stable` is missing "
                                       "(every route has one: it takes what no other track gets)\n"},
        {"{stable: [a]}", "f:3:12: error: routes[0].tracks.stable: a map is wanted, not a list (with the "
                          "keys endpoints, weight, tls, request_headers, response_headers)\n"},
        {"{stable: {}}", "f:3:12: error: routes[0].tracks.stable.endpoints: the key is missing (e.g. "
                         "endpoints: [\"10.0.0.1:8080\"])\n"},
        {"{stable: {endpoint: [a]}}",
         "f:3:21: error: routes[0].tracks.stable.endpoint: unknown key (did you mean `endpoints`?)\n"},
        {"{stable: {endpoints: a}}",
         "f:3:32: error: routes[0].tracks.stable.endpoints: a list is wanted, not `a` (write [a])\n"},
        {"{stable: {endpoints: [{target: a}]}}",
         "f:3:33: error: routes[0].tracks.stable.endpoints[0].address: the key is missing (e.g. address: "
         "\"10.0.0.1:8080\")\nf:3:34: error: routes[0].tracks.stable.endpoints[0].target: unknown key "
         "(known here: "
         "address, weight, zone, ready, serving, terminating)\n"},
        {"{stable: {endpoints: [[a]]}}", "f:3:33: error: routes[0].tracks.stable.endpoints[0]: text is "
                                         "wanted, not a list (write a without the list "
                                         "around it)\n"},
        {"{stable: {endpoints: [{address: a, weight: 0, ready: true, terminating: true}]}}",
         "f:3:54: error: routes[0].tracks.stable.endpoints[0].weight: 0 is no weight of an endpoint (from 1 "
         "to "
         "1000)\nf:3:64: error: routes[0].tracks.stable.endpoints[0].ready: an endpoint that terminates "
         "takes no "
         "new requests (remove ready: true)\n"},
        {"{stable: {endpoints: [\"a:b\"]}}", "f:3:33: error: routes[0].tracks.stable.endpoints[0]: `b` is "
                                             "not a port (a number from 1 to 65535)\n"},
        {"{stable: {endpoints: [\"ftp://a\"]}}",
         "f:3:33: error: routes[0].tracks.stable.endpoints[0]: `ftp` is not a supported scheme (http:// or "
         "https://)\n"},
        {"{stable: {endpoints: [a], weight: 0}}",
         "f:3:45: error: routes[0].tracks.stable.weight: stable has no weight: it takes what the other "
         "tracks leave (remove it)\n"},
        {"{stable: {endpoints: [a]}, Next: {endpoints: [a]}}",
         "f:3:44: error: routes[0].tracks.Next: `Next` is not a track name (a-z, 0-9 and '-', beginning with "
         "a letter or a digit, at most 63 bytes)\n"},
        {"{stable: {endpoints: [a]}, stable: {endpoints: [b]}}",
         "f:3:38: error: routes[0].tracks.stable: the name is there twice (remove one of the two)\n"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(told("routes:\n- name: a\n  tracks: " + std::string(one.text) + '\n'), one.told)
            << one.text;
}

TEST(mistakes, in_weights) {
    const mistake cases[]{
        {"12.5%", "a weight is a plain number of percent (write 12.5)"},
        {"5 %", "a weight is a plain number of percent (write 5)"},
        {"-1", "a weight cannot be negative, not `-1` (a number from 0 to 100, e.g. 12.5)"},
        {"0.001", "a weight has at most two decimals, not `0.001` (a number from 0 to 100, e.g. 12.5)"},
        {"100.01", "a weight is at most 100, not `100.01` (a number from 0 to 100, e.g. 12.5)"},
        {"ten", "a weight is a number of percent, not `ten` (a number from 0 to 100, e.g. 12.5)"},
        {".nan", "a weight is a number of percent, not `.nan` (a number from 0 to 100, e.g. 12.5)"},
        {"nan", "a weight is a number of percent, not `nan` (a number from 0 to 100, e.g. 12.5)"},
        {"1e1", "a weight is a number of percent, not `1e1` (a number from 0 to 100, e.g. 12.5)"},
        {"\"\"", "a weight is a number of percent, not `` (a number from 0 to 100, e.g. 12.5)"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(
            told(
                "routes:\n- name: a\n  tracks:\n    stable: {endpoints: [a]}\n    canary:\n      endpoints: "
                "[b]\n      weight: " +
                std::string(one.text) + '\n'
            ),
            "f:7:15: error: routes[0].tracks.canary.weight: " + std::string(one.told) + '\n'
        ) << one.text;
    EXPECT_EQ(
        told("routes:\n- name: a\n  tracks:\n    canary: {endpoints: [b], weight: 60}\n    stable: "
             "{endpoints: [a]}\n    next: {endpoints: [b], weight: 40.01}\n"),
        "f:6:36: error: routes[0].tracks.next.weight: weights are more than 100 together: 60 + 40.01 (at "
        "most 100; stable takes the rest)\n"
    );
}

TEST(mistakes, outside_of_routes) {
    const mistake cases[]{
        {"listener: []", "f:1:1: error: listener: unknown key (did you mean `listeners`?)\n"},
        {"listeners: [\":80\"]",
         "f:1:13: error: listeners[0]: a map is wanted, not the text `:80` (write {address: \":80\"})\n"},
        {"listeners: [{}]",
         "f:1:13: error: listeners[0].address: the key is missing (e.g. address: \"0.0.0.0:8080\")\n"},
        {"listeners: [{address: \"localhost:80\"}]",
         "f:1:23: error: listeners[0].address: `localhost` is not an IP address (write 127.0.0.1:80)\n"},
        {"listeners: [{address: 8080}]",
         "f:1:23: error: listeners[0].address: a colon is missing (write :8080)\n"},
        {"trusted_proxies: [a]", "f:1:19: error: trusted_proxies[0]: `a` is neither an IP address nor a "
                                 "prefix (e.g. 10.0.0.0/8, 192.0.2.7 or fd00::/8)\n"},
        {"timeouts: {head: 30}",
         "f:1:18: error: timeouts.head: a duration needs a unit (write 30s or 30ms)\n"},
        {"timeouts: {head: 0s}",
         "f:1:18: error: timeouts.head: 0s would end every exchange at once (from 1ms to 24h)\n"},
        {"timeouts: {read: 1s}", "f:1:12: error: timeouts.read: unknown key (did you mean `head`?)\n"},
        {"timeouts: {quest: 1s}", "f:1:12: error: timeouts.quest: unknown key (known here: "
                                  "tls_handshake, head, body, idle, connect, first_byte, response, send, "
                                  "exchange, tunnel_idle, upstream_idle, min_rate, rate_grace)\n"},
        {"timeouts: 30s",
         "f:1:11: error: timeouts: a map is wanted, not `30s` (with the keys tls_handshake, head, body, "
         "idle, connect, first_byte, response, send, exchange, tunnel_idle, upstream_idle, min_rate, "
         "rate_grace)\n"},
        {"limits: {head: 64KiB}", "f:1:16: error: limits.head: 64KiB is too large (from 1KiB to 48KiB)\n"},
        {"limits: {head: 8TiB}", "f:1:16: error: limits.head: a size is too large (at most 48KiB)\n"},
        {"limits: {head: 8kb}", "f:1:16: error: limits.head: `kb` is not a unit of size (write 8KiB)\n"},
        {"limits: {fields: 129}",
         "f:1:18: error: limits.fields: 129 fields are out of range (from 1 to 128)\n"},
        {"limits: {fields: \"12\"}", "f:1:18: error: limits.fields: a whole number is wanted, not the text "
                                     "`12` (write it without quotes)\n"},
        {"limits: {connections: -1}",
         "f:1:23: error: limits.connections: a whole number is wanted, not `-1`\n"},
        {"limits: {connections: 4294967296}",
         "f:1:23: error: limits.connections: a whole number is wanted, not `4294967296`\n"},
        {"underscore_fields: 1",
         "f:1:20: error: underscore_fields: true or false is wanted, not `1` (write true)\n"},
        {"drain: {min: [1s]}", "f:1:14: error: drain.min: a duration is wanted, not a list (e.g. 30s)\n"},
    };
    for (const auto& one : cases)
        EXPECT_EQ(
            told(std::string(one.text) + "\nroutes: [{name: a, tracks: {stable: {endpoints: [a]}}}]\n"),
            one.told
        ) << one.text;
    EXPECT_EQ(told("routs: []\n"), "f:1:1: error: routs: unknown key (did you mean `routes`?)\n");
    EXPECT_EQ(
        told("colour: {}\n"), "f:1:1: error: routes: the key is missing (e.g. routes: [{name: shop, tracks: "
                              "{stable: {endpoints: [\"10.0.0.1:8080\"]}}}])\n"
    );
}

TEST(mistakes, are_told_all_at_once_in_the_order_of_the_file) {
    EXPECT_EQ(
        told("listeners: [{address: bad}]\nroutes:\n- name: Shop\n  match: {path: {prefix: x}}\n  tracks: "
             "{stable: {endpoints: [a]}, canary: {endpoints: [b], weight: 5%}}\n"
             "  force: [{header: {name: a}, track: nobody}]\n- tracks: {}\n- name: shop\n  match: {path: "
             "{prefix: /b}}\n  tracks: {stable: {endpoints: [a]}}\n- name: shop\n"
             "  match: {path: {prefix: /b}}\n  tracks: {stable: {endpoints: [a]}}\ndrain: {min: 5}\n"),
        "f:1:23: error: listeners[0].address: a port is missing (write bad:8080)\n"
        "f:3:9: error: routes[0].name: `Shop` is not a route name (a-z, 0-9, '.' and '-', beginning with a "
        "letter or a digit, parts with '/' between them, at most 340 bytes)\n"
        "f:4:26: error: routes[0].match.path.prefix: a path begins with '/' (write /x)\n"
        "f:5:71: error: routes[0].tracks.canary.weight: a weight is a plain number of percent (write 5)\n"
        "f:6:38: error: routes[0].force[0].track: there is no track `nobody` (tracks of this route: stable, "
        "canary)\n"
        "f:7:3: error: routes[1].name: the key is missing (e.g. name: shop)\n"
        "f:7:11: error: routes[1].tracks: the track `stable` is missing (every route has one: it takes what "
        "no other track gets)\n"
        "f:11:9: error: routes[3].name: the name `shop` is taken by routes[2] (names of routes are unique)\n"
        "f:12:10: error: routes[3].match: routes `shop` and `shop` match the same requests (tell them apart "
        "by hosts, path, methods, headers or query, or make them one route)\n"
        "f:14:14: error: drain.min: a duration needs a unit (write 5s or 5ms)\n"
    );
}

TEST(mistakes, beyond_a_hundred_are_counted) {
    std::string text = "routes: []\n";
    for (int i = 0; i < 1000; ++i) text += "k" + std::to_string(i) + ": 1\n";
    const auto got = read_text(text, "f");
    ASSERT_EQ(got.problems.size(), max_file_problems);
    EXPECT_EQ(to_text(got.problems.back()), "f: error: 901 more problems are not shown");
    EXPECT_EQ(got.problems.front().at.line, 2);
    for (int i = 0; i < 200'000; ++i) text += "x" + std::to_string(i) + ": 1\n";
    EXPECT_EQ(
        to_text(read_text(text, "f").problems.back()), "f: error: at least 9901 more problems are not shown"
    );
}

} // namespace
} // namespace adit::source
