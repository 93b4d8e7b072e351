#include "model/tracing.hpp"
#include "model/validate.hpp"

#include "model/address.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace adit::model {
namespace {

std::string judged(const std::function<void(tracing&)>& change) {
    gateway wish;
    route shop;
    shop.name = "shop";
    shop.tracks = {{.name = "stable", .endpoints = {{.host = "10.0.0.1"}}, .weight = {}, .at = {}}};
    wish.routes.push_back(shop);
    change(wish.tracing.emplace());
    std::string out;
    for (const auto& one : validate(wish)) out += to_text(one) + '\n';
    return out;
}

TEST(tracing_wishes, are_fine_as_they_usually_are) {
    EXPECT_EQ(judged([](tracing&) {}), "");
    EXPECT_EQ(judged([](tracing& one) { one.endpoint = "http://collector:4318/v1/traces"; }), "");
    EXPECT_EQ(
        judged([](tracing& one) {
            one.endpoint = "https://collector/v1/traces";
            one.tls.ca.file = "ca.crt";
            one.headers = {{"Authorization", "Bearer x"}};
            one.propagate = false;
        }),
        ""
    );
}

TEST(tracing_wishes, are_refused_with_a_reason) {
    struct {
        std::function<void(tracing&)> change;
        std::string_view says;
    } const rows[]{
        {[](tracing& one) { one.endpoint = "collector:4318"; }, "tracing.endpoint: "},
        {[](tracing& one) { one.endpoint = "http://collector/#x"; },
         "tracing.endpoint: a service is not asked with a fragment"},
        {[](tracing& one) { one.endpoint = "ftp://collector/"; }, "tracing.endpoint: "},
        {[](tracing& one) {
             one.endpoint = "http://collector";
             one.tls.verify = false;
         },
         "tracing.tls: the collector is asked in clear"},
        {[](tracing& one) {
             one.endpoint = "https://collector";
             one.tls.chain.file = "a.crt";
         },
         "tracing.tls.key: a certificate and its key belong together"},
        {[](tracing& one) { one.propagate = false; }, "warning: tracing.propagate: "},
        {[](tracing& one) { one.service_name.clear(); }, "tracing.service_name: "},
        {[](tracing& one) {
             one.headers = {{"a b", "x"}};
         },
         "tracing.headers.a b: `a b` is not the name"},
        {[](tracing& one) {
             one.headers = {{"A", "x\ny"}};
         },
         "tracing.headers.A: a control character"},
        {[](tracing& one) {
             one.headers = {{"HOST", "x"}};
         },
         "tracing.headers.HOST: `HOST` is written by"},
        {[](tracing& one) {
             one.resource = {{"", "x"}};
         },
         "tracing.resource: "},
        {[](tracing& one) { one.batch = 0; }, "tracing.batch: 0 is out of range (from 1 to 10000)"},
        {[](tracing& one) { one.batch = one.queue = 10'001; }, "tracing.batch: 10001 is out of range"},
        {[](tracing& one) { one.queue = 511; }, "tracing.queue: the queue is shorter than a batch"},
        {[](tracing& one) { one.queue = 1'000'001; }, "tracing.queue: 1000001 is out of range"},
        {[](tracing& one) { one.interval = std::chrono::milliseconds(99); }, "tracing.interval: 99ms is out"},
        {[](tracing& one) { one.timeout = std::chrono::minutes(2); }, "tracing.timeout: 2m is out of range"},
    };
    for (const auto& row : rows) {
        const auto got = judged(row.change);
        EXPECT_NE(got.find(row.says), std::string::npos) << row.says << "\n" << got;
        EXPECT_EQ(std::count(got.begin(), got.end(), '\n'), 1) << got;
    }
}

TEST(collector_url, has_a_path_of_its_own) {
    struct {
        std::string_view url, endpoint, target;
    } const rows[]{
        {"http://collector:4318/v1/traces", "collector:4318", "/v1/traces"},
        {"http://collector:4318", "collector:4318", "/v1/traces"},
        {"https://collector", "https://collector:443", "/v1/traces"},
        {"https://collector/", "https://collector:443", "/"},
        {"http://[fd00::1]:4318/otlp?key=1", "[fd00::1]:4318", "/otlp?key=1"},
    };
    for (const auto& row : rows) {
        const auto got = parse_collector_url(row.url);
        ASSERT_TRUE(got) << row.url;
        EXPECT_EQ(to_text(got->endpoint), row.endpoint) << row.url;
        EXPECT_EQ(got->target, row.target) << row.url;
    }
    for (const auto* url : {"", "collector", "http://", "http:///v1", "http://a b/"})
        EXPECT_FALSE(parse_collector_url(url)) << url;
}

} // namespace
} // namespace adit::model
