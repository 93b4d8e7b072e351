#include "observe/otlp.hpp"

#include "observe/span_ring.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <map>

namespace adit::observe {
namespace {

using part = span_record::part;

span_record served() {
    span_record out;
    out.trace_high = 0x4bf92f3577b34da6;
    out.trace_low = 0xa3ce929d0e0e4736;
    out.id = 0x00f067aa0ba902b7;
    out.started = 1'000;
    out.ended = 3'500;
    out.method = "GET";
    out.status = 200;
    out.flags = 1;
    out.attempts = 1;
    out.client = *parse_ip("192.0.2.7");
    out.reason = "dice";
    out.put(part::route, "shop");
    out.put(part::track, "canary");
    out.put(part::endpoint, "10.0.0.2:8080");
    out.put(part::host, "shop.test:8443");
    out.put(part::path, "/a/b");
    return out;
}

boost::json::object written(const span_record& one) {
    const auto text =
        write_otlp({&one, 1}, {.service = "edge", .attributes = {{"zone", "a"}}, .version = "1"}, 7);
    const auto whole = boost::json::parse(text);
    return whole.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0).as_object();
}

std::map<std::string, std::string> attributes_of(const boost::json::value& from) {
    std::map<std::string, std::string> out;
    for (const auto& one : from.at("attributes").as_array()) {
        const auto& value = one.at("value").as_object();
        const auto& first = *value.begin();
        out[std::string(std::string_view(one.at("key").as_string()))] =
            std::string(first.key()) + ' ' + std::string(std::string_view(first.value().as_string()));
    }
    return out;
}

TEST(otlp, has_the_frame_that_collectors_read) {
    const auto one = served();
    const auto whole = boost::json::parse(write_otlp(
        {&one, 1}, {.service = "ed\"ge", .attributes = {{"zone", "\xc3\xa4"}}, .version = "1.2"}, 0
    ));
    const auto& resource = whole.at("resourceSpans").at(0);
    using map = std::map<std::string, std::string>;
    EXPECT_EQ(
        attributes_of(resource.at("resource")),
        (map{{"service.name", "stringValue ed\"ge"}, {"zone", "stringValue \xc3\xa4"}})
    );
    const auto& scope = resource.at("scopeSpans").at(0).at("scope");
    EXPECT_EQ(scope.at("name").as_string(), "adit");
    EXPECT_EQ(scope.at("version").as_string(), "1.2");
    EXPECT_EQ(whole.as_object().size(), 1U);
}

TEST(otlp, tells_of_a_request) {
    auto one = served();
    const auto got = written(one);
    EXPECT_EQ(got.at("traceId").as_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(got.at("spanId").as_string(), "00f067aa0ba902b7");
    EXPECT_FALSE(got.contains("parentSpanId"));
    EXPECT_EQ(got.at("name").as_string(), "GET shop");
    EXPECT_EQ(got.at("kind").as_int64(), 2);
    EXPECT_EQ(got.at("startTimeUnixNano").as_string(), "1007");
    EXPECT_EQ(got.at("endTimeUnixNano").as_string(), "3507");
    EXPECT_EQ(got.at("flags").as_int64(), 0x101);
    EXPECT_TRUE(got.at("status").as_object().empty());
    using map = std::map<std::string, std::string>;
    EXPECT_EQ(
        attributes_of(got), (map{
                                {"http.request.method", "stringValue GET"},
                                {"http.response.status_code", "intValue 200"},
                                {"network.protocol.version", "stringValue 1.1"},
                                {"url.scheme", "stringValue http"},
                                {"url.path", "stringValue /a/b"},
                                {"server.address", "stringValue shop.test"},
                                {"server.port", "intValue 8443"},
                                {"client.address", "stringValue 192.0.2.7"},
                                {"adit.route", "stringValue shop"},
                                {"adit.track", "stringValue canary"},
                                {"adit.reason", "stringValue dice"},
                                {"adit.endpoint", "stringValue 10.0.0.2:8080"},
                                {"adit.attempts", "intValue 1"}})
    );
    one.parent = 0xff;
    one.remote_parent = true;
    const auto child = written(one);
    EXPECT_EQ(child.at("parentSpanId").as_string(), "00000000000000ff");
    EXPECT_EQ(child.at("flags").as_int64(), 0x301);
}

TEST(otlp, tells_of_an_attempt) {
    span_record one;
    one.trace_low = 1;
    one.id = 2;
    one.parent = 3;
    one.kind = span_record::role::client;
    one.method = "POST";
    one.attempts = 2;
    one.failed = true;
    one.error = "connect-failed";
    one.put(part::endpoint, "[fd00::1]:81");
    one.put(part::path, "/x");
    const auto got = written(one);
    EXPECT_EQ(got.at("kind").as_int64(), 3);
    EXPECT_EQ(got.at("name").as_string(), "POST");
    EXPECT_EQ(got.at("parentSpanId").as_string(), "0000000000000003");
    EXPECT_EQ(got.at("status").at("code").as_int64(), 2);
    auto all = attributes_of(got);
    EXPECT_EQ(all["server.address"], "stringValue fd00::1");
    EXPECT_EQ(all["server.port"], "intValue 81");
    EXPECT_EQ(all["url.full"], "stringValue http://[fd00::1]:81/x");
    EXPECT_EQ(all["error.type"], "stringValue connect-failed");
    EXPECT_EQ(all["http.request.resend_count"], "intValue 1");
    EXPECT_FALSE(all.contains("http.response.status_code"));
}

TEST(otlp, says_what_failed) {
    auto one = served();
    one.failed = true;
    one.status = 503;
    EXPECT_EQ(attributes_of(written(one))["error.type"], "stringValue 503");
    one.error = "no-endpoint";
    EXPECT_EQ(attributes_of(written(one))["error.type"], "stringValue no-endpoint");
    EXPECT_EQ(written(one).at("status").at("code").as_int64(), 2);
    one.method = {};
    EXPECT_EQ(attributes_of(written(one))["http.request.method"], "stringValue _OTHER");
    EXPECT_EQ(written(one).at("name").as_string(), "HTTP shop");
}

TEST(otlp, stays_json_whatever_a_client_sends) {
    span_record one;
    one.put(part::host, "a\"b\\c");
    one.put(part::path, "/\xff\x01\x7f\xc3\xa4\"");
    auto all = attributes_of(written(one));
    EXPECT_EQ(all["server.address"], "stringValue a\"b\\c");
    EXPECT_EQ(all["url.path"], std::string("stringValue /%FF\x01\x7f%C3%A4\""));
    EXPECT_EQ(boost::json::parse(write_otlp({}, {}, 0)).at("resourceSpans").as_array().size(), 1U);
}

TEST(otlp, reads_what_a_collector_did_not_take) {
    struct {
        std::string_view body;
        std::uint64_t rejected;
        std::string_view message;
    } const rows[]{
        {"", 0, ""},
        {"{}", 0, ""},
        {"no json", 0, ""},
        {"[]", 0, ""},
        {R"({"partialSuccess":{}})", 0, ""},
        {R"({"partialSuccess":null})", 0, ""},
        {R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})", 3, "too old"},
        {R"({"partialSuccess":{"rejectedSpans":2}})", 2, ""},
        {R"({"partialSuccess":{"rejectedSpans":-1}})", 0, ""},
        {R"({"partialSuccess":{"rejectedSpans":"x","errorMessage":5}})", 0, ""},
    };
    for (const auto& row : rows) {
        const auto got = read_partial_success(row.body);
        EXPECT_EQ(got.rejected, row.rejected) << row.body;
        EXPECT_EQ(got.message, row.message) << row.body;
    }
}

TEST(span_record, cuts_what_is_too_long) {
    span_record one;
    const std::string text(1000, 'x');
    one.put(part::route, text);
    one.put(part::host, text);
    one.put(part::path, text);
    one.put(part::track, "late");
    EXPECT_EQ(one.get(part::route).size(), 253U);
    EXPECT_EQ(one.get(part::host).size(), 128U);
    EXPECT_EQ(one.get(part::path).size(), span_record::room - 253 - 128);
    EXPECT_EQ(one.get(part::track), "");
    EXPECT_EQ(one.get(part::endpoint), "");
    one.reset();
    EXPECT_EQ(one.get(part::route), "");
    one.put(part::track, "stable");
    EXPECT_EQ(one.get(part::track), "stable");
}

TEST(span_ring, drops_and_counts_what_finds_no_place) {
    const auto ring = std::make_unique<span_ring>();
    auto one = served();
    for (std::size_t i = 0; i < span_ring::capacity + 5; ++i) {
        one.id = i + 1;
        ring->push(one);
    }
    EXPECT_EQ(ring->dropped(), 5U);
    std::uint64_t last = 0;
    const auto take = [&](const span_record& got) {
        EXPECT_EQ(got.id, last + 1);
        last = got.id;
    };
    EXPECT_EQ(ring->drain(10, take), 10U);
    EXPECT_EQ(ring->drain(100'000, take), span_ring::capacity - 10);
    EXPECT_EQ(ring->drain(10, take), 0U);
    EXPECT_EQ(last, span_ring::capacity);
}

} // namespace
} // namespace adit::observe
