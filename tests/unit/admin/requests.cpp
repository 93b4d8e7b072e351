// The API over real sockets: what it answers to good requests.
#include "rig.hpp"

#include <gmock/gmock.h>

namespace adit::admin::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(requests, probes) {
    rig it;
    EXPECT_EQ(it.get("/livez").body, "ok\n");
    EXPECT_EQ(it.get("/readyz").body, "ok\n");
    EXPECT_EQ(it.get("/healthz").status, 200U);
    EXPECT_EQ(
        it.get("/readyz?verbose").body, "[+]\x20"
                                        "config ok\nready\n"
    );
    it.on_control([&] {
        it.gateway.checks = {
            {"config", readiness_check::state::ok, ""},
            {"source", readiness_check::state::degraded, "shop.yaml has gone"},
            {"listeners", readiness_check::state::failed, "none is bound"}};
    });
    const auto failed = it.get("/readyz");
    EXPECT_EQ(failed.status, 503U);
    EXPECT_EQ(
        failed.body, "[+] config ok\n[~] source degraded: shop.yaml has gone\n[-] listeners failed: none is "
                     "bound\nnot ready\n"
    );
    EXPECT_EQ(it.get("/readyz?exclude=listeners").status, 200U);
    EXPECT_EQ(it.get("/readyz?verbose&exclude=listeners&exclude=moon").status, 200U);
    EXPECT_THAT(it.get("/readyz?verbose&exclude=moon").body, HasSubstr("[?] moon: no check has this name\n"));
    EXPECT_EQ(it.get("/livez").status, 200U);
}

TEST(requests, texts_of_the_gateway) {
    rig it;
    const auto metrics = it.get("/metrics");
    EXPECT_EQ(metrics.body, "# TYPE adit_up gauge\nadit_up 1\n");
    EXPECT_EQ(metrics.fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const auto version = it.get("/version").object();
    EXPECT_EQ(version.at("version"), "0.1.0");
    EXPECT_EQ(version.at("libraries").at("boost"), "1.81.0");
    EXPECT_EQ(it.get("/openapi.json").object().at("openapi"), "3.1.0");
}

TEST(requests, routes) {
    rig it;
    EXPECT_EQ(it.get("/api/v1/routes").object().at("routes").as_array().size(), 2U);
    const auto one = it.get("/api/v1/routes/shop");
    EXPECT_EQ(one.status, 200U);
    EXPECT_EQ(one.fields.at("etag"), "\"7\"");
    EXPECT_EQ(one.fields.at("content-type"), "application/json");
    EXPECT_EQ(one.fields.at("cache-control"), "no-store");
    EXPECT_EQ(one.object().at("weights"), (json::value{{"stable", 95}, {"canary", 5}}));
    EXPECT_EQ(it.get("/api/v1/routes/team%2Fweb").object().at("name"), "team/web");
    EXPECT_EQ(it.get("/api/v1/routes/team/web").status, 404U);
    const auto missing = it.get("/api/v1/routes/shoop");
    EXPECT_EQ(missing.status, 404U);
    EXPECT_EQ(missing.problem(), "unknown-route");
    EXPECT_EQ(missing.object().at("hint"), "routes are: shop, team/web");
    EXPECT_EQ(missing.fields.at("content-type"), "application/problem+json");
    EXPECT_THAT(it.get("/api/v1/routes/shop?pretty").body, HasSubstr("{\n  \"name\": \"shop\",\n"));
}

TEST(requests, put_and_delete_weights) {
    rig it;
    const auto put = it.ask(with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 12.5})"));
    EXPECT_EQ(put.status, 200U);
    EXPECT_EQ(put.fields.at("etag"), "\"8\"");
    EXPECT_THAT(
        put.body, HasSubstr(R"("before":{"stable":95,"canary":5},"after":{"stable":87.5,"canary":12.5})")
    );
    EXPECT_EQ(put.object().at("weights_from"), "override");
    EXPECT_EQ(put.object().at("durable"), false);
    it.on_control([&] {
        EXPECT_EQ(it.gateway.last_put.by.name, "anonymous@127.0.0.1");
        EXPECT_FALSE(it.gateway.last_put.if_match);
        EXPECT_FALSE(it.gateway.last_put.pause);
    });
    const auto cleared =
        it.ask("DELETE /api/v1/routes/shop/weights?pause=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(cleared.status, 200U);
    EXPECT_EQ(cleared.object().at("weights_from"), "declared");
    EXPECT_TRUE(it.on_control([&] { return it.gateway.last_clear.pause; }));

    const auto told = it.told();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].what, "weights.put");
    EXPECT_EQ(told[0].object, "shop");
    EXPECT_EQ(told[0].by.address, "127.0.0.1");
    EXPECT_EQ(told[0].before, R"({"stable":95,"canary":5})");
    EXPECT_EQ(told[0].after, R"({"stable":87.5,"canary":12.5})");
    EXPECT_EQ(told[0].result, "ok");
    EXPECT_EQ(told[1].what, "weights.delete");
}

TEST(requests, weights_of_a_canary_ingress) {
    rig it;
    const std::string path = "/api/v1/ingresses/shop/next/weights";
    const auto before = it.get(path);
    EXPECT_EQ(before.status, 200U);
    EXPECT_EQ(before.fields.at("etag"), "\"7\"");
    EXPECT_EQ(before.object().at("weight"), 5);
    const auto put = it.ask(with_body("PUT " + path, R"({"weight": 12.5})", "If-Match: \"7\"\r\n"));
    EXPECT_EQ(put.status, 200U);
    EXPECT_EQ(put.fields.at("etag"), "\"8\"");
    EXPECT_THAT(put.body, HasSubstr(R"("before":5,"after":12.5)"));
    const auto changed = put.object();
    const auto& route = changed.at("routes").as_array().at(0).as_object();
    EXPECT_EQ(route.at("route"), "shop");
    EXPECT_EQ(route.at("weights_from"), "override");
    it.on_control([&] {
        EXPECT_EQ(it.gateway.last_ingress.weight, 12.5);
        EXPECT_EQ(it.gateway.last_ingress.if_match, std::vector<std::uint64_t>{7});
    });
    const auto cleared = it.ask("DELETE " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(cleared.object().at("after"), 5);
    EXPECT_FALSE(it.on_control([&] { return it.gateway.last_ingress.weight; }));
    // Segments are decoded one by one.
    EXPECT_EQ(it.get("/api/v1/ingresses/sh%6Fp/next/weights").status, 200U);
    EXPECT_EQ(it.get("/api/v1/ingresses/shop%2Fnext/weights").status, 404U);
    EXPECT_EQ(it.get("/api/v1/ingresses/shop/none/weights").problem(), "unknown-ingress");
    const auto stable = it.ask(with_body("PUT /api/v1/ingresses/shop/store/weights", R"({"weight": 1})"));
    EXPECT_EQ(stable.status, 404U);
    EXPECT_EQ(stable.problem(), "not-a-canary");
    EXPECT_EQ(stable.object().at("hint"), "its canaries are: shop/next");
    EXPECT_EQ(it.ask(with_body("PUT " + path, R"({"canary": 1})")).problem(), "invalid-body");
    EXPECT_EQ(it.ask(with_body("PUT " + path, R"({"weight": "1"})")).problem(), "weight-not-a-number");
    const auto told = it.told();
    ASSERT_EQ(told.size(), 5U);
    EXPECT_EQ(told[0].what, "ingress.put");
    EXPECT_EQ(told[0].object, "shop/next");
    EXPECT_EQ(told[0].before, "5");
    EXPECT_EQ(told[0].after, "12.5");
    EXPECT_EQ(told[1].what, "ingress.delete");
    EXPECT_EQ(told[4].result, "weight-not-a-number");
}

TEST(requests, if_match) {
    rig it;
    const auto put = [&](std::string_view tag) {
        return it.ask(with_body(
            "PUT /api/v1/routes/shop/weights", R"({"canary": 1})", "If-Match: " + std::string(tag) + "\r\n"
        ));
    };
    EXPECT_EQ(put("\"7\"").status, 200U);
    const auto stale = put("\"7\"");
    EXPECT_EQ(stale.status, 412U);
    EXPECT_EQ(stale.problem(), "stale-generation");
    EXPECT_EQ(put("\"1\", \"8\"").status, 200U);
    EXPECT_EQ(put("W/\"9\"").status, 412U);
    EXPECT_EQ(put("nonsense").status, 412U);
    EXPECT_EQ(put("*").status, 200U);
    const auto told = it.told();
    ASSERT_EQ(told.size(), 6U);
    EXPECT_EQ(told[1].result, "stale-generation");
    EXPECT_EQ(told[1].status, 412U);
    EXPECT_THAT(told[1].after, IsEmpty());
}

TEST(requests, kill_and_unkill) {
    rig it;
    const auto all = it.ask("POST /api/v1/kill HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(all.status, 200U);
    EXPECT_EQ(all.object().at("all"), true);
    EXPECT_EQ(all.object().at("routes").as_array().size(), 2U);
    const auto one = it.ask(with_body("DELETE /api/v1/kill", R"({"routes": ["shop"], "reason": "over"})"));
    EXPECT_EQ(one.object().at("before"), (json::array{"shop", "team/web"}));
    EXPECT_EQ(it.on_control([&] { return it.gateway.last_kill.reason; }), "over");
    it.ask("DELETE /api/v1/kill?route=team%2Fweb HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(it.on_control([&] { return *it.gateway.last_kill.routes; }), ElementsAre("team/web"));
    const auto told = it.told();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told[0].what, "kill");
    EXPECT_EQ(told[0].before, "[]");
    EXPECT_EQ(told[0].after, R"(["shop","team/web"])");
    EXPECT_EQ(told[1].object, "shop");
}

TEST(requests, reload) {
    rig it;
    const std::string post = "POST /api/v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(it.ask(post).object().at("generation"), 8);
    it.on_control([&] {
        it.gateway.broken = {
            {.level = complaint::severity::error,
             .at = {"shop.yaml", 4, 12},
             .key = "routes[0].name",
             .message = "a name is missing",
             .hint = "name it"}};
    });
    const auto bad = it.ask(post);
    EXPECT_EQ(bad.status, 422U);
    EXPECT_EQ(bad.problem(), "bad-configuration");
    EXPECT_EQ(
        bad.object().at("complaints").at(0), (json::value{
                                                 {"level", "error"},
                                                 {"message", "a name is missing"},
                                                 {"key", "routes[0].name"},
                                                 {"hint", "name it"},
                                                 {"file", "shop.yaml"},
                                                 {"line", 4},
                                                 {"column", 12}})
    );
    EXPECT_EQ(it.told().back().result, "bad-configuration");
}

TEST(requests, explain) {
    rig it;
    const auto told = it.ask(with_body(
        "POST /api/v1/explain",
        R"({"url": "http://shop.test:8080/cart?x=1#top", "headers": {"Cookie": ["a=1", "b=2"]}, "address": "10.0.0.9"})"
    ));
    EXPECT_EQ(told.status, 200U);
    EXPECT_EQ(told.object().at("route"), "shop");
    const auto got = it.on_control([&] { return it.gateway.last_explain; });
    EXPECT_EQ(got.host, "shop.test:8080");
    EXPECT_EQ(got.target, "/cart?x=1");
    EXPECT_EQ(got.headers.size(), 2U);
    EXPECT_THAT(it.told(), IsEmpty()); // asking changes nothing
}

TEST(requests, head_has_the_length_and_no_body) {
    rig it;
    auto one = it.connect();
    const auto head = one.ask("HEAD /version HTTP/1.1\r\nHost: localhost\r\n\r\n", false);
    EXPECT_EQ(head.status, 200U);
    const auto get = one.ask("GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(std::to_string(get.body.size()), head.fields.at("content-length"));
}

TEST(requests, keep_alive_and_pipelining_in_order) {
    rig it;
    auto one = it.connect();
    one.send(
        "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" +
        with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 20})") +
        "GET /api/v1/routes/shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    );
    EXPECT_EQ(one.read_reply().body, "ok\n");
    EXPECT_EQ(one.read_reply().fields.at("etag"), "\"8\"");
    const auto last = one.read_reply();
    EXPECT_EQ(last.object().at("weights").at("canary"), 20);
    EXPECT_EQ(last.fields.at("connection"), "close");
    EXPECT_TRUE(one.ended());
}

TEST(requests, old_clients_get_one_answer) {
    rig it;
    auto one = it.connect();
    EXPECT_EQ(one.ask("GET /livez HTTP/1.0\r\n\r\n").status, 200U);
    EXPECT_TRUE(one.ended());
    auto kept = it.connect();
    EXPECT_EQ(kept.ask("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200U);
    EXPECT_EQ(kept.ask("GET /livez HTTP/1.0\r\n\r\n").status, 200U);
}

TEST(requests, continue_is_said_before_the_body) {
    rig it;
    auto one = it.connect();
    one.send(
        "PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Expect: 100-continue\r\nContent-Length: 14\r\n\r\n"
    );
    EXPECT_EQ(one.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(one.ask(R"({"canary": 50})").status, 200U);
}

TEST(requests, chunked_bodies) {
    rig it;
    const auto put = it.ask("PUT /api/v1/routes/shop/weights HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                            "application/json; charset=utf-8\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"canary\r\n6\r\n\": 50}\r\n0\r\n\r\n");
    EXPECT_EQ(put.status, 200U);
}

TEST(requests, status_address_is_read_only) {
    rig it;
    const auto ask = [&](std::string_view start) {
        return client(it.status).ask(std::string(start) + " HTTP/1.1\r\nHost: gateway.example\r\n\r\n");
    };
    for (const auto* path : {"/livez", "/readyz", "/healthz", "/metrics", "/version"})
        EXPECT_EQ(ask(std::string("GET ") + path).status, 200U) << path;
    for (const auto* path : {"/openapi.json", "/api/v1/routes", "/api/v1/events"})
        EXPECT_EQ(ask(std::string("GET ") + path).status, 404U) << path;
    EXPECT_EQ(ask("POST /api/v1/kill").status, 404U);
    EXPECT_EQ(ask("POST /livez").status, 405U);
}

TEST(requests, a_late_reply_is_the_answer_until_patience_ends) {
    rig it;
    it.on_control([&] { it.gateway.mute = true; });
    auto one = it.connect();
    one.send(with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 20})"));
    while (it.on_control([&] { return it.gateway.kept.empty(); })) std::this_thread::yield();
    it.on_control([&] { it.gateway.give_kept(); });
    EXPECT_EQ(one.read_reply().status, 200U);
}

TEST(requests, no_reply_is_504_and_a_reply_after_that_is_lost) {
    server_options options;
    options.limits.answer = std::chrono::milliseconds(50);
    rig it(options);
    it.on_control([&] { it.gateway.mute = true; });
    auto one = it.connect();
    const auto late = one.ask(with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 20})"));
    EXPECT_EQ(late.status, 504U);
    EXPECT_EQ(late.problem(), "answer-late");
    it.on_control([&] { it.gateway.give_kept(); });
    EXPECT_TRUE(one.ended());
    EXPECT_EQ(it.told().size(), 1U); // the change did happen
}

TEST(requests, a_failing_control_is_500) {
    rig it;
    it.on_control([&] { it.gateway.throwing = true; });
    const auto failed = it.get("/api/v1/routes/shop");
    EXPECT_EQ(failed.status, 500U);
    EXPECT_EQ(failed.problem(), "internal");
    EXPECT_EQ(it.get("/livez").status, 200U);
}

TEST(requests, stop_finishes_what_is_under_way) {
    rig it;
    it.on_control([&] { it.gateway.mute = true; });
    auto idle = it.connect();
    EXPECT_EQ(idle.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200U);
    auto busy = it.connect();
    busy.send(with_body("PUT /api/v1/routes/shop/weights", R"({"canary": 20})"));
    while (it.on_control([&] { return it.gateway.kept.empty(); })) std::this_thread::yield();
    std::promise<void> stopped;
    it.on_control([&] { it.api->stop([&] { stopped.set_value(); }); });
    EXPECT_TRUE(idle.ended());
    boost::system::error_code refused;
    tcp::socket late(busy.socket().get_executor());
    late.connect(it.admin, refused);
    EXPECT_TRUE(refused);
    it.on_control([&] { it.gateway.give_kept(); });
    const auto last = busy.read_reply();
    EXPECT_EQ(last.status, 200U);
    EXPECT_EQ(last.fields.at("connection"), "close");
    busy.socket().close();
    EXPECT_EQ(stopped.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

} // namespace
} // namespace adit::admin::test
