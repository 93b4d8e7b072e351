#include "cli/api_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace adit::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;

// Takes one connection, notes the request's head and what of the body came with it, says `reply`, closes.
class one_answer {
public:
    explicit one_answer(std::string reply)
        : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}),
          where{"127.0.0.1", std::to_string(acceptor_.local_endpoint().port())},
          thread_([this, reply = std::move(reply)] {
              boost::system::error_code ignored;
              auto socket = acceptor_.accept(ignored);
              asio::read_until(socket, asio::dynamic_buffer(request_), "\r\n\r\n", ignored);
              asio::write(socket, asio::buffer(reply), ignored);
              // Until the client has had enough: an answer of nothing is one that never comes.
              char more[512];
              if (reply.empty())
                  while (socket.read_some(asio::buffer(more), ignored) > 0) {
                  }
          }) {}
    ~one_answer() {
        if (thread_.joinable()) thread_.join();
    }
    const std::string& request() {
        thread_.join();
        return request_;
    }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    std::string request_;

public:
    const api_address where;

private:
    std::thread thread_;
};

TEST(api_client, asks_and_reads) {
    one_answer server("HTTP/1.1 200 OK\r\nETag: \"8\"\r\nContent-Length: 2\r\n\r\n{}");
    const auto answer =
        ask(server.where, {.method = "PUT",
                           .path = "/api/v1/routes/shop/weights",
                           .body = "{\"canary\": 1}",
                           .token = "abc",
                           .if_match = "\"7\""});
    EXPECT_EQ(answer.status, 200U) << answer.error;
    EXPECT_TRUE(answer.ok());
    EXPECT_EQ(answer.body, "{}");
    EXPECT_EQ(answer.etag, "\"8\"");
    const auto& request = server.request();
    EXPECT_THAT(request, HasSubstr("PUT /api/v1/routes/shop/weights HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + server.where.port + "\r\n"));
    EXPECT_THAT(request, HasSubstr("Authorization: Bearer abc\r\n"));
    EXPECT_THAT(request, HasSubstr("If-Match: \"7\"\r\n"));
    EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(request, HasSubstr("Content-Length: 13\r\n"));
}

TEST(api_client, tells_the_problem) {
    one_answer server("HTTP/1.1 404 Not Found\r\nContent-Length: 49\r\n\r\n{\"detail\": \"there is no route "
                      "x\", \"hint\": \"a, b\"}");
    const auto answer = ask(server.where, {.path = "/"});
    EXPECT_EQ(answer.status, 404U);
    EXPECT_FALSE(answer.ok());
    EXPECT_EQ(answer.error, "there is no route x");
    EXPECT_EQ(answer.hint, "a, b");
}

TEST(api_client, other_servers_are_suspected) {
    one_answer server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope");
    const auto answer = ask(server.where, {.path = "/"});
    EXPECT_EQ(answer.error, "the API answered 404");
    EXPECT_THAT(answer.hint, HasSubstr("admin address"));
}

TEST(api_client, nobody_there) {
    asio::io_context context;
    tcp::acceptor taken(context, {asio::ip::make_address("127.0.0.1"), 0});
    const auto port = std::to_string(taken.local_endpoint().port());
    taken.close();
    const auto answer = ask({"127.0.0.1", port}, {.path = "/"});
    EXPECT_EQ(answer.status, 0U);
    EXPECT_THAT(answer.error, HasSubstr("reaching the API at 127.0.0.1:" + port));
    EXPECT_THAT(answer.hint, HasSubstr("--admin 127.0.0.1:" + port));
}

TEST(api_client, waits_only_so_long) {
    one_answer server("");
    const auto answer = ask(server.where, {.path = "/", .timeout = std::chrono::milliseconds(50)});
    EXPECT_EQ(answer.status, 0U);
    EXPECT_THAT(answer.error, HasSubstr("asking the API"));
}

TEST(api_client, is_not_tricked_into_more_headers) {
    EXPECT_NE(ask({"127.0.0.1", "1"}, {.path = "/", .token = "a\r\nX: b"}).error, "");
    EXPECT_EQ(encode_segment("team/web b.~-_\xc3"), "team%2Fweb%20b.~-_%C3");
}

TEST(api_client, addresses) {
    EXPECT_EQ(parse_api_address("http://127.0.0.1:9090"), (api_address{"127.0.0.1", "9090"}));
    EXPECT_EQ(parse_api_address("localhost:9090/"), std::nullopt);
    EXPECT_EQ(parse_api_address("http://localhost:9090/"), (api_address{"localhost", "9090"}));
    EXPECT_EQ(parse_api_address("[::1]:9090"), (api_address{"::1", "9090"}));
    std::string why;
    EXPECT_EQ(parse_api_address("https://a", &why), std::nullopt);
    EXPECT_THAT(why, HasSubstr("https"));
}

} // namespace
} // namespace adit::cli
