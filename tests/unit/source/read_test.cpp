#include "source/file/read.hpp"

#include "describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace adit::source {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string listing(const complaints& all) {
    std::string out;
    for (const auto& one : all) out += to_text(one) + '\n';
    return out;
}

model::gateway read_good(std::string_view text) {
    auto got = read_text(text, "test.yaml");
    EXPECT_EQ(listing(got.problems), "");
    return got.gateway.value_or(model::gateway{});
}

TEST(read_text, reads_the_example_of_the_schema) {
    const auto got = read_good(R"(listeners: [{address: "0.0.0.0:8080"}]
routes:
- name: shop                                       # [a-z0-9][a-z0-9.-]*
  match: {hosts: [shop.test], path: {prefix: /}}   # prefix | exact | regex; also methods, headers, query
  tracks:
    stable: {endpoints: ["10.0.0.1:80"]}           # addresses or DNS names, re-resolved
    canary: {endpoints: ["10.0.0.2:80"], weight: 12.5}
  force: [{header: {name: X-Next, value: gold}, track: canary}]
  cohort: {cookie: adit, salt: shop}               # or header: NAME | address: true; absent = dice
)");
    EXPECT_EQ(model::describe(got), R"(listen 0.0.0.0:8080
route shop
  hosts shop.test
  path prefix /
  methods
  headers
  query
  track stable 0 10.0.0.1:80 weight 1 zone  110
  track canary 12.5 10.0.0.2:80 weight 1 zone  110
  force header X-Next=gold -> canary
  cohort cookie adit salt shop issue 1 signed 0
  send 1 fallback 0 timing 0 header  upgrades websocket
colour canary 0 version 0 from []
trusted []
underscore 0
limits 8192 32768 128 0 0 0 0
timeouts 10s 30s 1m 1m15s 5s 1m 1m 1m 0s 1h 1m 1m rate 240
drain - 1m
)");
    EXPECT_EQ(got.routes[0].at.file, "test.yaml");
    EXPECT_EQ(got.routes[0].at.line, 3);
    EXPECT_EQ(got.routes[0].at.column, 3);
    EXPECT_EQ(got.routes[0].tracks[1].at.line, 7);
    EXPECT_EQ(got.routes[0].force[0].at.line, 8);
    EXPECT_EQ(got.listeners[0].at.line, 1);
}

TEST(read_text, reads_every_key) {
    const auto read = read_file(ADIT_SOURCE_DIR "/tests/unit/source/full.yaml");
    ASSERT_TRUE(read.gateway) << listing(read.problems);
    EXPECT_EQ(listing(read.problems), "");
    EXPECT_EQ(model::describe(*read.gateway), R"(listen 127.0.0.1:8080
listen [::1]:8081
listen 127.0.0.1:8443 tls behind [10.1.0.0/112 ]
certificate  /etc/adit/shop.crt() /etc/adit/shop.key() /etc/adit/shop.ocsp()
clients of admin.shop.test *.inner.test /etc/adit/authorities.crt() 1 3 x-verify x-subject x-issuer x-print x-cert
tls 1.2 1.2 ECDHE+CHACHA20
route full
  hosts shop.test *.shop.test
  path prefix /shop
  methods GET POST
  headers X-A=1 X-B~^b+$ X-C?
  query a=one b~two c?
  track stable 0 10.0.0.1:81 weight 1 zone  110 10.0.0.3:81 weight 3 zone a 010 10.0.0.4:81 weight 1 zone  001
  track canary 12.5 10.0.0.2:80 weight 1 zone  110 canary.svc:8080 weight 1 zone  110 tls 0 0 shop.svc /etc/ca.crt() /etc/our.crt() /etc/our.key() request -X-Debug X-Track=$track +X-More=more response -X-Powered-By X-Track=$track +X-More=more
  track next 0.01 [fd00::1]:80 weight 1 zone  110
  balance 1 2  0 30000 1 100 50 20 3000
  sticky pin 1 /shop shop.test 3600000 1 11 7200000 2
  passive 3 2 10000 60000 30
  active 2000 1000 1 2 10 http /healthz shop.test 200 204
  force header X-Next=gold -> canary
  force header X-Next~^g -> next
  force header X-Any? -> next
  force cookie next=yes -> canary
  force cookie next~^y -> canary
  force cookie any? -> canary
  force query next=1 -> canary
  force query next~[0-9] -> canary
  force query any? -> canary
  force source [192.0.2.7/128 ] -> canary
  force source [198.51.100.0/120 2001:db8::/32 ] -> stable
  cohort cookie session salt pepper issue 1 signed 1
  colour canary 1 version 1 from [10.0.0.0/104 ]
  https 301 8443 hsts 63072000 1 1
  send 0 fallback 1 timing 1 header X-Track upgrades websocket custom
  compress 1024 level 6 encodings gzip types 2 text/html text/*
  rewrite 0  to /api told /shop
  redirect $scheme://$host/app 308 of /shop/old
  request -X-Secret Host=api.test +X-Client=$remote_addr
  response -Server X-Frame-Options=DENY +X-Request=$request_id
  allow [10.0.0.0/104 fd00::/8 ] deny [10.1.0.0/112 ]
  origins https://app.test https://*.app.test
  methods GET
  headers *
  expose X-Total
  credentials 1 max age 10m
  rate by 0  10/s burst 50 connections 0 except [10.0.0.0/104 ]
  rate by 1 X-Api-Key 300/m burst 0 connections 7 except []
  rate by 2  0/s burst 0 connections 100 except []
  basic /etc/adit/users  Staff only 0
  body 2097152
  retry 4 on 0011 101 each 2s within 9s any 1 budget 10 5
  trailers 1 0
  timeouts 11s 12s 13s 14s 15s 16s 17s 18s rate 1024
  auth auth.svc:4180 auth.test /verify?a=b POST sends Authorization takes X-User signin https://id.test/start next /home cache 1m 0Authorization 1session 2 timeout 2s 1 500 1
  page 404-404 text/plain lost
  page 500-599 text/html; charset=utf-8 <!doctype html><title>Error</title><p>Something went wrong.

  intercept 404-404
  intercept 500-599
  pages by pages.svc:8080
  told X-Namespace shop
  buffer 1 2097152
  default spare.svc:8080
route exact
  hosts
  path exact /exact
  methods
  headers
  query
  track stable 0 exact.svc:80 weight 1 zone  110
  balance 3 0 X-User 150 0 0 0 0 1024 10000
  active 10000 3000 2 3 20
  cohort header X-User salt  issue 0 signed 0
  send 1 fallback 0 timing 0 header  upgrades websocket
  auth 10.0.0.9:80  /ask GET sends * takes signin  rd  cache 0s timeout 5s 0 503 0
route regex
  hosts
  path regex /r[0-9]+
  methods
  headers
  query
  track stable 0 regex.svc:80 weight 1 zone  110
  balance 3 1 session 0 0 0 0 0 1024 10000
  cohort address  salt  issue 0 signed 0
  send 1 fallback 0 timing 0 header  upgrades websocket
  rewrite 1 ^/r(?<n>[0-9]+) to /v/${n} told 
  request
  response
route by-address
  hosts
  path exact /by-address
  methods
  headers
  query
  track stable 0 address.svc:80 weight 1 zone  110
  balance 3 2  0 0 0 0 0 1024 10000
  send 1 fallback 0 timing 0 header  upgrades websocket
route by-uri
  hosts
  path exact /by-uri
  methods
  headers
  query
  track stable 0 uri.svc:80 weight 1 zone  110
  balance 3 3  0 0 0 0 0 1024 10000
  send 1 fallback 0 timing 0 header  upgrades websocket
colour canary 0 version 1 from [172.16.0.0/108 ]
trusted [127.0.0.1/128 10.0.0.0/104 ]
zone a
underscore 1
  page 404-404 text/plain lost
  page 503-503 text/html; charset=utf-8 <!doctype html><title>Error</title><p>Something went wrong.

  intercept 503-503
  pages by pages.svc:80
  told X-Namespace all
limits 4096 16384 64 1048576 1000 500 268435456
timeouts 500ms 1s 2s 3s 4s 5s 6s 7s 10m 8s 9s 20s rate 100
drain 1s 1m30s
tracing 0 trusted 12.5 https://collector.svc:4318/v1/traces tls 0 0 otel.svc /etc/ca.crt() /etc/our.crt() /etc/our.key() edge Authorization=Bearer secret deployment.environment=test 100 200 2s 3s
access log /var/log/adit/access.log ecs 10011 12.5 0 1048576
)");
}

std::string route_with(std::string_view rest) {
    return "routes:\n- name: r\n  tracks: {stable: {endpoints: [a]}}\n  " + std::string(rest) + '\n';
}

TEST(read_text, takes_unquoted_scalars_as_text) {
    const auto got = read_good("routes:\n- name: 5\n  match: {headers: [{name: X, value: true}, {name: Y, "
                               "value: 1.50}], hosts: [10.0.0.1]}\n"
                               "  tracks: {stable: {endpoints: [10.0.0.1:80]}, 2: {endpoints: [b], weight: "
                               "5}}\n  cohort: {header: X, salt: 007}\n");
    const auto& route = got.routes.at(0);
    EXPECT_EQ(route.name, "5");
    EXPECT_EQ(route.match.headers.at(0).text, "true");
    EXPECT_EQ(route.match.headers.at(1).text, "1.50");
    EXPECT_EQ(route.tracks.at(1).name, "2");
    EXPECT_EQ(route.cohort->salt, "007");
}

TEST(read_text, issues_cookies_of_its_own_name_only) {
    const auto issued = [](std::string_view cohort) {
        return read_good(route_with("cohort: " + std::string(cohort))).routes.at(0).cohort->issue;
    };
    EXPECT_TRUE(issued("{cookie: adit}"));
    EXPECT_TRUE(issued("{cookie: adit-shop}"));
    EXPECT_FALSE(issued("{cookie: aditional}"));
    EXPECT_FALSE(issued("{cookie: session}"));
    EXPECT_TRUE(issued("{cookie: session, issue: true}"));
    EXPECT_FALSE(issued("{cookie: adit, issue: false}"));
    EXPECT_FALSE(issued("{header: adit}"));
}

TEST(read_text, takes_a_name_alone_for_present) {
    const auto got =
        read_good(route_with("force: [{cookie: {name: a}, track: stable}, {source: fd00::/8, track: stable}]")
        );
    EXPECT_EQ(
        got.routes.at(0).force.at(0).value, (model::value_match{"a", model::value_match::kind::present, ""})
    );
    EXPECT_EQ(got.routes.at(0).force.at(1).source.size(), 1U);
}

TEST(read_text, takes_an_empty_value_when_it_is_written) {
    const auto got = read_good(route_with("match: {query: [{name: a, value: ''}]}"));
    EXPECT_EQ(
        got.routes.at(0).match.query.at(0), (model::value_match{"a", model::value_match::kind::exact, ""})
    );
}

TEST(read_text, takes_an_empty_list_of_upgrades) {
    EXPECT_TRUE(read_good(route_with("upgrades: []")).routes.at(0).upgrades.empty());
}

TEST(read_text, takes_one_document_and_empty_ones_around_it) {
    EXPECT_EQ(
        read_good("---\n---\n" + route_with("fallback: none") + "...\n---\n# nothing\n").routes.size(), 1U
    );
    EXPECT_EQ(read_good("\xef\xbb\xbf" + route_with("fallback: none")).routes.size(), 1U);
    EXPECT_EQ(
        read_good("# with\r\nroutes:\r\n- name: r\r\n  tracks: {stable: {endpoints: [a]}}\r\n")
            .routes.at(0)
            .name,
        "r"
    );
    EXPECT_EQ(
        read_good(R"({"routes": [{"name": "json", "tracks": {"stable": {"endpoints": ["a:1"]}}}]})")
            .routes.at(0)
            .name,
        "json"
    );
}

TEST(read_text, takes_aliases) {
    const auto got = read_good("routes:\n- name: a\n  match: {hosts: [a.test]}\n  tracks: &both {stable: "
                               "{endpoints: [a]}}\n  cohort: &who {cookie: adit}\n"
                               "- name: b\n  match: {hosts: [b.test]}\n  tracks: *both\n  cohort: *who\n");
    EXPECT_EQ(got.routes.at(1).tracks.at(0).endpoints.at(0).host, "a");
    EXPECT_EQ(got.routes.at(1).cohort->name, "adit");
}

TEST(read_text, gives_warnings_beside_the_gateway) {
    const auto got = read_text(route_with("colour: {accept: [X-Canary]}"), "w.yaml");
    EXPECT_TRUE(got.gateway);
    EXPECT_EQ(
        listing(got.problems), "w.yaml:4:11: warning: routes[0].colour.from: nobody is believed, so colour "
                               "headers are always removed "
                               "(name the peers, e.g. from: [10.0.0.0/8])\n"
    );
    const auto none = read_text("routes:\n- name: r\n  tracks: {stable: {endpoints: []}}\n", "w.yaml");
    EXPECT_TRUE(none.gateway);
    EXPECT_THAT(
        listing(none.problems),
        HasSubstr("w.yaml:3:32: warning: routes[0].tracks.stable.endpoints: the track has no")
    );
}

TEST(read_text, asks_the_given_checker) {
    const auto text = route_with("match: {path: {regex: '['}}");
    EXPECT_TRUE(read_text(text, "x", [](auto) { return std::nullopt; }).gateway);
    const auto got = read_text(text, "x");
    EXPECT_FALSE(got.gateway);
    EXPECT_THAT(
        listing(got.problems),
        HasSubstr("x:4:25: error: routes[0].match.path.regex: not a regular expression: ")
    );
}

TEST(read_file, says_why_a_file_is_not_read) {
    const auto missing = read_file("/nowhere/adit.yaml");
    EXPECT_FALSE(missing.gateway);
    EXPECT_EQ(
        listing(missing.problems),
        "/nowhere/adit.yaml: error: the file cannot be opened: No such file or directory\n"
    );
    const auto folder = read_file("/");
    EXPECT_EQ(listing(folder.problems), "/: error: the file is a folder (name a file in it)\n");
    EXPECT_THAT(listing(read_file("/dev/zero").problems), HasSubstr("the file is larger than 16 MiB"));
    EXPECT_THAT(listing(read_file("/dev/null").problems), HasSubstr("the file is empty"));
}

TEST(read_file, reads_the_shipped_example_without_a_word) {
    const auto got = read_file(ADIT_SOURCE_DIR "/config/adit.yaml");
    EXPECT_EQ(listing(got.problems), "");
    ASSERT_TRUE(got.gateway);
    EXPECT_EQ(got.gateway->routes.size(), 2U);
    EXPECT_EQ(got.gateway->drain.max, 60s);
}

} // namespace
} // namespace adit::source
