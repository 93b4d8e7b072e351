#include "cli/demo/addresses.hpp"
#include "cli/demo/cookie_jar.hpp"
#include "cli/demo/lines.hpp"
#include "cli/demo/page.hpp"
#include "cli/demo/shares.hpp"
#include "cli/demo/stage.hpp"
#include "cli/demo/token_memory.hpp"
#include "cli/demo/traffic.hpp"
#include "cli/demo/upstream.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <thread>

namespace adit::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

// Runs handlers of `context` on this thread until `met` holds.
template <class Condition>
[[nodiscard]] bool run_until(asio::io_context& context, Condition met) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!met()) {
        if (std::chrono::steady_clock::now() > end) return false;
        context.restart();
        context.run_one_for(100ms);
    }
    return true;
}

// An upstream on a thread of its own, asked over plain sockets.
class demo_server : public testing::Test {
protected:
    explicit demo_server(demo_upstream::version which = demo_upstream::version::v1) : server(context, which) {
        thread_ = std::thread([this] { context.run(); });
    }
    ~demo_server() override {
        context.stop();
        thread_.join();
    }

    tcp::socket connect() {
        tcp::socket out(client_);
        out.connect(server.endpoint());
        return out;
    }
    // Everything that comes back until the server closes.
    std::string ask(const std::string& text) {
        auto socket = connect();
        asio::write(socket, asio::buffer(text));
        return rest(socket);
    }
    std::string get(const std::string& target) {
        return ask("GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    }
    static std::string rest(tcp::socket& socket) {
        std::string out;
        boost::system::error_code ended;
        asio::read(socket, asio::dynamic_buffer(out), ended);
        return out;
    }

    asio::io_context context;
    demo_upstream server;

private:
    asio::io_context client_;
    std::thread thread_;
};

class demo_server_v2 : public demo_server {
protected:
    demo_server_v2() : demo_server(demo_upstream::version::v2) {}
};

std::string body(const std::string& answer) {
    const auto cut = answer.find("\r\n\r\n");
    return cut == answer.npos ? "" : answer.substr(cut + 4);
}

TEST_F(demo_server, tells_its_color) {
    const auto answer = get("/color?now");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Version: v1\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nCache-Control: no-store\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\n"));
    EXPECT_EQ(body(answer), R"({"version":"v1","color":"#3b82f6"})");
    EXPECT_EQ(server.answers(), 1U);
}

TEST_F(demo_server_v2, is_the_other_version) {
    const auto answer = get("/color");
    EXPECT_THAT(answer, HasSubstr("\r\nX-Version: v2\r\n"));
    EXPECT_EQ(body(answer), R"({"version":"v2","color":"#16a34a"})");
}

TEST_F(demo_server, serves_the_page_and_nothing_that_leads_elsewhere) {
    const auto answer = get("/");
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/html; charset=utf-8\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Security-Policy: default-src 'none'"));
    const auto page = body(answer);
    EXPECT_THAT(page, StartsWith("<!doctype html>"));
    EXPECT_THAT(page, HasSubstr("<strong>v1</strong>"));
    EXPECT_THAT(page, HasSubstr("adit weight set default canary=50"));
    EXPECT_THAT(page, HasSubstr("fetch('/color'"));
    for (const auto* outward : {"://", "src=", "@import", "url(", "\"//", "'//"})
        EXPECT_THAT(page, Not(HasSubstr(outward)));
    EXPECT_THAT(page, Not(HasSubstr("{version}")));
    EXPECT_THAT(page, Not(HasSubstr("{weight_command}")));
}

TEST_F(demo_server, tells_back_what_came) {
    const auto answer =
        ask("PUT /a/b?c=d HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\nx-forwarded-proto: https\r\n"
            "X-Version-Route: canary\r\nX-Request-ID: 17\r\nAuthorization: secret\r\n"
            "Connection: close\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    EXPECT_EQ(
        body(answer), "PUT /a/b?c=d\nversion: v1\nX-Forwarded-For: 10.0.0.1\nx-forwarded-proto: https\n"
                      "X-Version-Route: canary\nX-Request-ID: 17\n"
    );
}

TEST_F(demo_server, keeps_connections_and_answers_in_order) {
    const auto answer = ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                            "HEAD /color HTTP/1.1\r\nHost: a\r\n\r\n"
                            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                            "chunked\r\n\r\n5\r\nhello\r\n0\r\nTrailer: a\r\n\r\n"
                            "GET /color HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    std::vector<std::size_t> heads;
    for (auto at = answer.find("HTTP/1.1 200 OK\r\n"); at != answer.npos;
         at = answer.find("HTTP/1.1 200 OK\r\n", at + 1))
        heads.push_back(at);
    ASSERT_EQ(heads.size(), 4U) << answer;
    EXPECT_EQ(body(answer.substr(0, heads[1])), "ok\n");
    const auto head = answer.substr(heads[1], heads[2] - heads[1]);
    EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 34\r\n"));
    EXPECT_EQ(body(head), "");
    EXPECT_EQ(body(answer.substr(heads[2], heads[3] - heads[2])), "POST /x\nversion: v1\n");
}

TEST_F(demo_server, discards_large_bodies_and_asks_for_them_first) {
    constexpr std::size_t size = 3'000'000;
    auto socket = connect();
    asio::write(
        socket, asio::buffer(
                    "POST /big HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
                    "Content-Length: " +
                    std::to_string(size) + "\r\n\r\n"
                )
    );
    std::string interim;
    asio::read_until(socket, asio::dynamic_buffer(interim), "\r\n\r\n");
    EXPECT_EQ(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    asio::write(socket, asio::buffer(std::string(size, 'x')));
    EXPECT_EQ(body(rest(socket)), "POST /big\nversion: v1\n");
}

TEST_F(demo_server, refuses_what_is_no_request) {
    EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(
        ask("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"), StartsWith("HTTP/1.1 431 ")
    );
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(demo_server, fails_when_told_to_but_not_the_page) {
    server.set_errors(1);
    const auto answer = get("/color");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Version: v1\r\n"));
    EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
    server.set_errors(0);
    EXPECT_THAT(get("/color"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(demo_server, waits_when_told_to) {
    server.set_latency(60ms);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(get("/color"), StartsWith("HTTP/1.1 200 "));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 60ms);
}

TEST(demo_page, escapes_what_it_is_given) {
    const auto page = write_page({.version = "v2", .weight_command = "curl -d '{version}' <\"&>"});
    EXPECT_THAT(page, HasSubstr("<code>curl -d &#39;{version}&#39; &lt;&quot;&amp;&gt;</code>"));
}

TEST(demo_traffic, counts_by_version) {
    asio::io_context context;
    demo_upstream v2(context, demo_upstream::version::v2);
    demo_traffic traffic(context, {.rate = 1000, .users = 5, .connections = 2});
    traffic.start(v2.endpoint());
    ASSERT_TRUE(run_until(context, [&] { return traffic.counts().v2 >= 50; })) << traffic.share_line();
    EXPECT_EQ(traffic.counts().v1, 0U);
    EXPECT_EQ(traffic.counts().failed, 0U);
    EXPECT_LE(v2.connections(), 2U); // kept alive
    EXPECT_THAT(traffic.share_line(), StartsWith("v1 0.0 %  v2 100.0 %  (last 60 s, "));
    v2.set_errors(1);
    ASSERT_TRUE(run_until(context, [&] { return traffic.counts().failed > 0; }));
}

TEST(demo_traffic, outlives_a_gateway_that_restarts) {
    asio::io_context context;
    std::optional<demo_upstream> gateway(std::in_place, context, demo_upstream::version::v1);
    demo_traffic traffic(context, {.rate = 500});
    traffic.start(gateway->endpoint());
    ASSERT_TRUE(run_until(context, [&] { return traffic.counts().v1 >= 10; }));
    gateway.reset();
    const auto gone = std::chrono::steady_clock::now();
    ASSERT_TRUE(run_until(context, [&] { return std::chrono::steady_clock::now() - gone > 300ms; }));
    gateway.emplace(context, demo_upstream::version::v2);
    traffic.start(gateway->endpoint());
    EXPECT_TRUE(run_until(context, [&] { return traffic.counts().v2 >= 10; })) << traffic.share_line();
}

// Users keep what they are given and send it back, each their own.
TEST(demo_traffic, users_keep_their_cookies) {
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    demo_traffic traffic(context, {.rate = 500, .users = 1, .connections = 1});
    tcp::socket socket(context);
    std::string request;
    std::string answer = "HTTP/1.1 200 OK\r\nX-Version: v1\r\nSet-Cookie: adit=u7; Path=/; Max-Age=60\r\n"
                         "Content-Length: 0\r\n\r\n";
    bool sent_back = false;
    std::function<void()> serve = [&] {
        asio::async_read_until(
            socket, asio::dynamic_buffer(request), "\r\n\r\n",
            [&](auto error, std::size_t) {
                if (error) return;
                sent_back = sent_back || request.find("\r\nCookie: adit=u7\r\n") != request.npos;
                request.clear(
                ); // the body of a POST comes with its head or spoils the next one's first line only
                asio::async_write(socket, asio::buffer(answer), [&](auto failed, std::size_t) {
                    if (!failed) serve();
                });
            }
        );
    };
    acceptor.async_accept(socket, [&](auto error) {
        if (!error) serve();
    });
    traffic.start(acceptor.local_endpoint());
    EXPECT_TRUE(run_until(context, [&] { return sent_back; }));
    EXPECT_EQ(traffic.users_with_cookies(), 1U);
}

// Without a gateway between them: whom the users ask is the stage's caller's business.
TEST(demo_stage, plays_on_its_own_thread_until_it_is_ended) {
    demo_stage stage({.rate = 1000, .users = 3, .connections = 2});
    stage.open(stage.v2().endpoint(), "weigh <it>");
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (stage.v2().answers() < 20 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_GE(stage.v2().answers(), 20U);
    EXPECT_EQ(stage.v1().answers(), 0U);
    EXPECT_THAT(stage.end(), StartsWith("v1 0.0 %  v2 100.0 %  (last 60 s, "));
    EXPECT_THAT(stage.end(), StartsWith("v1 0.0 %")); // a second time does no harm
}

TEST(demo_cookie_jar, takes_replaces_and_drops) {
    cookie_jar jar;
    jar.take("adit=1; Path=/; HttpOnly");
    jar.take("b = 2");
    jar.take("no pair");
    jar.take("=nameless");
    EXPECT_EQ(jar.text(), "adit=1; b=2");
    jar.take("adit=3;Max-Age=60");
    EXPECT_EQ(jar.text(), "adit=3; b=2");
    jar.take("b=; max-age=0");
    jar.take("adit=x; Max-Age=-1");
    EXPECT_TRUE(jar.empty());
    for (std::size_t i = 0; i < 2 * cookie_jar::most; ++i) jar.take("n" + std::to_string(i) + "=v");
    EXPECT_THAT(jar.text(), Not(HasSubstr("n" + std::to_string(cookie_jar::most) + "=")));
}

TEST(demo_shares, forgets_after_a_minute) {
    const auto at = [](double seconds) { return from(1000s) + static_cast<instant>(seconds * 1e9); };
    demo_shares shares;
    EXPECT_EQ(shares.line(at(0)), "no answers  (last 60 s, 0 requests)");
    for (int i = 0; i < 903; ++i) shares.add(at(0.5), "v1", 200);
    for (int i = 0; i < 97; ++i) shares.add(at(30), "v2", 404);
    EXPECT_EQ(shares.line(at(31)), "v1 90.3 %  v2 9.7 %  (last 60 s, 1000 requests)");
    shares.add(at(32), "v2", 503);
    shares.add(at(32), "", 200);
    EXPECT_EQ(shares.line(at(59.9)), "v1 90.3 %  v2 9.7 %  (last 60 s, 1002 requests, 2 failed)");
    EXPECT_EQ(shares.line(at(60)), "v1 0.0 %  v2 100.0 %  (last 60 s, 99 requests, 2 failed)");
    EXPECT_EQ(shares.line(at(500)), "no answers  (last 60 s, 0 requests)");
    EXPECT_EQ(shares.ever().all(), 1002U);
}

TEST(demo_lines, are_few_and_tell_what_to_try) {
    const demo_facts facts{.app = "127.0.0.1:8080", .admin = "127.0.0.1:9090"};
    const auto lines = demo_lines(facts);
    EXPECT_LE(lines.size() + 2, most_demo_lines);
    EXPECT_THAT(lines, Contains(HasSubstr("http://127.0.0.1:8080/ ")));
    EXPECT_THAT(lines, Contains("  curl -i http://127.0.0.1:8080/color"));
    EXPECT_THAT(lines, Contains("  adit weight set default canary=50"));
    EXPECT_THAT(lines, Contains("  adit explain http://127.0.0.1:8080/color"));
    EXPECT_THAT(lines, Contains(HasSubstr("http://127.0.0.1:9090/metrics")));
    EXPECT_THAT(lines, Contains(HasSubstr("Ctrl-C")));
    for (const auto& one : lines) EXPECT_THAT(one, Not(HasSubstr("\n")));
}

TEST(demo_lines, name_the_address_and_the_token_file_where_they_are_not_the_usual_ones) {
    const demo_facts facts{
        .program = "build/adit",
        .app = "[::1]:1",
        .admin = "127.0.0.1:4711",
        .status = "127.0.0.1:4712",
        .token_file = "my token"};
    const auto lines = demo_lines(facts);
    EXPECT_LE(lines.size() + 2, most_demo_lines);
    EXPECT_THAT(
        lines,
        Contains("  build/adit weight set default canary=50 --admin 127.0.0.1:4711 --token-file 'my token'")
    );
    EXPECT_THAT(lines, Contains("  metrics  http://127.0.0.1:4712/metrics"));
}

TEST(demo_lines, in_the_image_curl_carries_the_token) {
    const demo_facts facts{.app = "127.0.0.1:8080", .admin = "127.0.0.1:9090", .token = "0123456789abcdef"};
    const auto lines = demo_lines(facts);
    EXPECT_LE(lines.size() + 2, most_demo_lines);
    EXPECT_THAT(
        lines, Contains("  curl -X PUT -H \"Authorization: Bearer 0123456789abcdef\" -H 'Content-Type: "
                        "application/json' -d '{\"canary\": 50}' "
                        "http://127.0.0.1:9090/api/v1/routes/default/weights")
    );
    EXPECT_THAT(weight_command(facts, false), AllOf(HasSubstr("Bearer TOKEN"), Not(HasSubstr("0123"))));
}

TEST(demo_lines, without_an_admin_address_nothing_is_said_of_it) {
    for (const auto& one : demo_lines({.app = "127.0.0.1:8080"})) EXPECT_THAT(one, Not(HasSubstr("weight")));
}

TEST(demo_token, is_read_like_a_file_and_gone_with_its_owner) {
    const auto token = make_token();
    EXPECT_THAT(token, MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(token, make_token());
    std::string path;
    {
        const token_memory kept(token);
        path = kept.path();
        std::string read;
        std::ifstream(path) >> read;
        EXPECT_EQ(read, token);
        std::ofstream(path, std::ios::in | std::ios::out) << "overwritten" << std::flush;
        read.clear();
        std::ifstream(path) >> read;
        EXPECT_EQ(read, token); // sealed
    }
    EXPECT_FALSE(std::ifstream(path).is_open());
}

TEST(demo_addresses, sees_who_listens_already) {
    asio::io_context context;
    tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    const auto taken = to_authority(acceptor.local_endpoint());
    EXPECT_EQ(taken_address({"127.0.0.1:0", "nonsense", "", taken}), taken);
    acceptor.close();
    EXPECT_THAT(taken_address({"127.0.0.1:0", "nonsense", "", taken}), IsEmpty());
    EXPECT_EQ(to_authority(reachable({asio::ip::address_v6::any(), 80})), "127.0.0.1:80");
    EXPECT_EQ(to_authority(reachable({asio::ip::address_v6::loopback(), 80})), "[::1]:80");
}

} // namespace
} // namespace adit::cli
