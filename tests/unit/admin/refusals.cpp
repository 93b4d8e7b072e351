// The API over real sockets: what it refuses, and how.
#include "rig.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace adit::admin::test {
namespace {

using testing::HasSubstr;

TEST(refusals, unknown_paths_and_methods) {
    rig it;
    EXPECT_EQ(it.get("/").problem(), "not-found");
    EXPECT_EQ(it.get("/api/v1/routes/").status, 404U);
    EXPECT_EQ(it.get("/api/v1/routes/%zz").status, 404U);
    auto one = it.connect();
    const auto wrong =
        one.ask("POST /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wrong.status, 405U);
    EXPECT_EQ(wrong.problem(), "method-not-allowed");
    EXPECT_EQ(wrong.fields.at("allow"), "PUT, DELETE");
    EXPECT_EQ(one.ask("BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").fields.at("allow"), "GET, HEAD");
    EXPECT_EQ(
        one.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200U
    ); // still the same connection
}

TEST(refusals, bodies) {
    rig it;
    const auto put = [&](std::string_view body) {
        return it.ask(with_body("PUT /api/v1/routes/shop/weights", body));
    };
    const auto malformed = put("{\n  \"canary\": 12,5\n}");
    EXPECT_EQ(malformed.status, 400U);
    EXPECT_EQ(malformed.problem(), "malformed-json");
    EXPECT_EQ(malformed.object().at("line"), 2);
    EXPECT_EQ(malformed.object().at("column"), 16);
    EXPECT_EQ(put("").problem(), "malformed-json");
    EXPECT_EQ(put("[1]").problem(), "invalid-body");
    EXPECT_EQ(put("{}").problem(), "invalid-body");
    EXPECT_EQ(put(R"({"canary": "12.5"})").problem(), "weight-not-a-number");
    EXPECT_EQ(put(R"({"canary": -1})").problem(), "negative-weight");
    EXPECT_EQ(put(R"({"canary": 101})").problem(), "weights-over-100");
    const auto unknown = put(R"({"kanary": 5})");
    EXPECT_EQ(unknown.status, 422U);
    EXPECT_EQ(unknown.problem(), "unknown-track");
    EXPECT_EQ(unknown.object().at("key"), "kanary");
    EXPECT_EQ(it.told().size(), 8U); // each is an attempted change
    EXPECT_EQ(it.told().front().result, "malformed-json");
}

TEST(refusals, other_types_than_json) {
    rig it;
    const auto put_as = [&](const std::string& type) {
        return it.ask(
            "PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
            "\r\nContent-Length: 14\r\n\r\n{\"canary\": 50}"
        );
    };
    const auto text = put_as("text/plain");
    EXPECT_EQ(text.status, 415U);
    EXPECT_THAT(text.body, HasSubstr("Content-Type: application/json"));
    EXPECT_EQ(put_as("application/x-www-form-urlencoded").status, 200U); // what `curl -d` says of JSON
    const auto none = it.ask("PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                             "14\r\n\r\n{\"canary\": 50}");
    EXPECT_EQ(none.status, 200U);
}

TEST(refusals, too_large) {
    rig it;
    auto declared = it.connect();
    const auto body = declared.ask(
        "PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 1048577\r\n\r\n"
    );
    EXPECT_EQ(body.status, 413U);
    EXPECT_EQ(body.problem(), "body-too-large");
    EXPECT_EQ(body.fields.at("connection"), "close");

    auto chunked = it.connect();
    chunked.send(
        "PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    );
    const std::string chunk = "40000\r\n" + std::string(0x40000, ' ') + "\r\n";
    for (int i = 0; i < 5; ++i) chunked.send(chunk);
    EXPECT_EQ(chunked.read_reply().status, 413U);

    const auto head =
        it.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: " + std::string(20'000, 'a') + "\r\n\r\n");
    EXPECT_EQ(head.status, 431U);
    EXPECT_EQ(head.problem(), "head-too-large");
    EXPECT_EQ(it.get("/livez").status, 200U);
}

TEST(refusals, broken_requests) {
    rig it;
    const char* broken[] = {
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /livez?%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nBad Name: x\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
    };
    for (const auto* text : broken) {
        const auto reply = it.ask(text);
        EXPECT_EQ(reply.status, 400U) << text;
        EXPECT_EQ(reply.problem(), "bad-request") << text;
    }
}

TEST(refusals, other_expectations) {
    rig it;
    const auto reply = it.ask(
        "POST /api/v1/reload HTTP/1.1\r\nHost: localhost\r\nExpect: wonders\r\nContent-Length: 2\r\n\r\n{}"
    );
    EXPECT_EQ(reply.status, 417U);
}

TEST(refusals, names_that_may_be_rebound) {
    rig it;
    const auto ask = [&](std::string_view path, std::string_view host) {
        return it.ask("GET " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
    };
    EXPECT_EQ(ask("/api/v1/routes", "evil.example").problem(), "host-not-allowed");
    EXPECT_EQ(ask("/metrics", "evil.example:9090").status, 403U);
    EXPECT_EQ(ask("/api/v1/routes", "127.0.0.1.evil.example").status, 403U);
    EXPECT_EQ(ask("/nowhere", "evil.example").status, 403U);
    EXPECT_EQ(ask("/api/v1/routes", "127.0.0.1:9090").status, 200U);
    EXPECT_EQ(ask("/api/v1/routes", "[::1]:9090").status, 200U);
    EXPECT_EQ(ask("/api/v1/routes", "LOCALHOST:9090").status, 200U);
    EXPECT_EQ(ask("/livez", "evil.example").status, 200U);
}

TEST(refusals, pages_of_other_origins) {
    rig it;
    const auto ask = [&](std::string_view origin) {
        return it.ask(
            "POST /api/v1/kill HTTP/1.1\r\nHost: 127.0.0.1:9090\r\nOrigin: " + std::string(origin) +
            "\r\nContent-Length: 0\r\n\r\n"
        );
    };
    EXPECT_EQ(ask("https://evil.example").problem(), "cross-origin");
    EXPECT_EQ(ask("null").status, 403U);
    EXPECT_EQ(ask("").status, 403U);
    EXPECT_EQ(ask("http://127.0.0.1:8080").status, 403U);
    EXPECT_TRUE(it.told().empty());
    EXPECT_EQ(ask("http://127.0.0.1:9090").status, 200U);
}

TEST(refusals, tokens) {
    const auto path = std::filesystem::path(testing::TempDir()) / "adit-refusals-token";
    std::ofstream(path) << "s3cret\nalice wonder\n";
    server_options options;
    options.token_file = path;
    rig it(options);
    const auto ask = [&](std::string_view start, std::string_view authorization) {
        return it.ask(
            std::string(start) + " HTTP/1.1\r\nHost: admin.example\r\n" +
            (authorization.empty() ? "" : "Authorization: " + std::string(authorization) + "\r\n") +
            "Content-Length: 0\r\n\r\n"
        );
    };
    for (const auto* start : {"GET /livez", "GET /readyz", "GET /healthz", "HEAD /livez"})
        EXPECT_EQ(it.connect().ask(std::string(start) + " HTTP/1.1\r\nHost: a\r\n\r\n", false).status, 200U)
            << start;
    const auto missing = ask("GET /metrics", "");
    EXPECT_EQ(missing.status, 401U);
    EXPECT_EQ(missing.problem(), "token-missing");
    EXPECT_EQ(missing.fields.at("www-authenticate"), "Bearer realm=\"adit\"");
    EXPECT_EQ(ask("GET /nowhere", "").status, 401U); // paths are not told to strangers
    EXPECT_EQ(ask("POST /livez", "").status, 401U);
    EXPECT_EQ(ask("GET /metrics", "Bearer s3cre").problem(), "token-wrong");
    EXPECT_EQ(ask("GET /metrics", "Bearer s3cret2").status, 401U);
    EXPECT_EQ(ask("GET /metrics", "Basic s3cret").status, 401U);
    EXPECT_EQ(ask("POST /api/v1/kill", "Bearer nope").status, 401U);
    EXPECT_TRUE(it.told().empty());
    EXPECT_EQ(ask("GET /metrics", "bearer s3cret").status, 200U);
    EXPECT_EQ(ask("POST /api/v1/reload", "Bearer wonder").status, 200U);
    EXPECT_EQ(it.told().back().by.name, "alice");
    // A status address has nothing to ask a token for.
    EXPECT_EQ(client(it.status).ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").status, 200U);

    std::ofstream(path) << "another-one\n";
    EXPECT_EQ(ask("GET /metrics", "Bearer s3cret").status, 401U);
    EXPECT_EQ(ask("GET /metrics", "Bearer another-one").status, 200U);
    std::filesystem::remove(path);
}

TEST(refusals, a_token_file_that_says_nothing) {
    asio::io_context context;
    fake_control gateway;
    server_options options;
    options.token_file = "/nonexistent/token";
    EXPECT_THROW(server(context, gateway, options), std::runtime_error);
}

TEST(refusals, too_many_connections_are_shed) {
    server_options options;
    options.limits.connections = 2;
    rig it(options);
    auto first = it.connect();
    auto second = it.connect();
    EXPECT_EQ(first.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200U);
    EXPECT_EQ(second.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200U);
    auto third = it.connect();
    const auto shed = third.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(shed.status, 503U);
    EXPECT_EQ(shed.problem(), "too-many-connections");
    EXPECT_EQ(shed.fields.at("retry-after"), "1");
    // Probes at the other address are counted apart.
    EXPECT_EQ(client(it.status).ask("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").status, 200U);
    second.socket().close();
    third.socket().close();
    while (it.on_control([&] { return it.api->connections() > 1; })) std::this_thread::yield();
    EXPECT_EQ(it.get("/livez").status, 200U);
}

TEST(refusals, slow_clients_are_closed) {
    server_options options;
    options.limits.read = std::chrono::milliseconds(60);
    options.limits.idle = std::chrono::milliseconds(60);
    rig it(options);
    auto silent = it.connect();
    auto slow_head = it.connect();
    slow_head.send("GET /livez HTTP/1.1\r\nHo");
    auto slow_body = it.connect();
    slow_body.send("POST /api/v1/explain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
    EXPECT_TRUE(silent.ended());
    EXPECT_TRUE(slow_head.ended());
    EXPECT_TRUE(slow_body.ended());
    while (it.on_control([&] { return it.api->connections() != 0; })) std::this_thread::yield();
}

TEST(refusals, addresses) {
    const auto level = [](std::string_view address, bool has_token, bool open) {
        const auto list = check_admin_address(address, has_token, open);
        return list.empty() ? "fine" : has_errors(list) ? "error" : "warning";
    };
    EXPECT_STREQ(level("127.0.0.1:9090", false, false), "fine");
    EXPECT_STREQ(level("127.8.8.8:0", false, false), "fine");
    EXPECT_STREQ(level("[::1]:9090", false, false), "fine");
    EXPECT_STREQ(level("localhost:9090", false, false), "fine");
    EXPECT_STREQ(level(":9090", false, false), "error");
    EXPECT_STREQ(level("0.0.0.0:9090", false, false), "error");
    EXPECT_STREQ(level("[::]:9090", false, false), "error");
    EXPECT_STREQ(level("10.0.0.1:9090", false, false), "error");
    EXPECT_STREQ(level("10.0.0.1:9090", true, false), "fine");
    EXPECT_STREQ(level("10.0.0.1:9090", false, true), "warning");
    EXPECT_STREQ(level("example.com:9090", true, true), "error");
    EXPECT_STREQ(level("127.0.0.1", false, false), "error");
    EXPECT_EQ(parse_address("localhost:0")->address(), asio::ip::make_address("127.0.0.1"));
    EXPECT_EQ(parse_address(":10254")->address(), asio::ip::address_v6::any());
    EXPECT_EQ(parse_address(":10254")->port(), 10254);
    std::string why;
    EXPECT_FALSE(parse_address("nowhere", &why));
    EXPECT_FALSE(why.empty());
}

} // namespace
} // namespace adit::admin::test
