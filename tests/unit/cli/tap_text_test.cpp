#include "cli/tap_text.hpp"

#include "cli/event_client.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace adit::cli {
namespace {

std::string told(const char* json) {
    return exchange_text(boost::json::parse(json).as_object());
}

TEST(exchange_text, is_one_line_for_people) {
    EXPECT_EQ(
        told(
            R"({"time":"2026-01-31T09:05:00.001Z","method":"GET","host":"shop.test","path":"/cart",
                 "query":"id=7","status":200,"end":"done","route":"shop","track":"canary","reason":"cohort",
                 "endpoint":"10.1.0.9:8080","attempts":1,"duration_ms":1.5})"
        ),
        "09:05:00.001 200 GET shop.test/cart?id=7 -> shop/canary (cohort) "
        "10.1.0.9:8080 1.5ms\n"
    );
    EXPECT_EQ(
        told(
            R"({"time":"2026-01-31T09:05:00.001Z","method":"PUT","host":"a","path":"/","status":504,
                 "end":"first-byte-timeout","route":"r","track":"stable","chosen":"canary","reason":"dice",
                 "endpoint":"e","attempts":3,"duration_ms":12345.6})"
        ),
        "09:05:00.001 504 PUT a/ -> r/stable (dice, chosen canary) e x3 12.3s "
        "first-byte-timeout\n"
    );
    EXPECT_EQ(
        told(
            R"({"time":"2026-01-31T09:05:00.001Z","method":null,"host":null,"path":null,"status":400,
                 "end":"bad-request-line","route":null,"track":null,"reason":null,"endpoint":null,
                 "attempts":0,"duration_ms":25.2})"
        ),
        "09:05:00.001 400 - - 25ms bad-request-line\n"
    );
}

TEST(exchange_text, gives_a_terminal_nothing_to_obey) {
    const auto text = told(R"({"path":"/\u001b[2J\u0007\n","status":200,"method":"GET"})");
    EXPECT_NE(text.find("/?[2J??"), std::string::npos) << text;
}

TEST(lost_text, says_how_many_and_why) {
    const auto lost = [](const char* json) { return lost_text(boost::json::parse(json).as_object()); };
    EXPECT_EQ(
        lost(R"({"over_rate":5,"late":2,"unseen":1})"),
        "not shown: 5 over the rate, 2 that were read too slowly, 1 that "
        "the gateway had no room for"
    );
    EXPECT_EQ(lost(R"({"over_rate":5,"late":0})"), "not shown: 5 over the rate");
}

TEST(event_parser, takes_streams_apart_in_any_pieces) {
    const std::string stream = "retry: 2000\n\n:\n\nevent: exchange\ndata: "
                               "{\"a\":1}\n\nid: 7\ndata:x\ndata: y\n\n"
                               "event: lost\n\ndata: last\n\n";
    for (std::size_t piece = 1; piece < stream.size(); ++piece) {
        std::string heard;
        event_parser one([&](std::string_view name, std::string_view data) {
            heard += std::string(name) + '=' + std::string(data) + ';';
            return true;
        });
        for (std::size_t at = 0; at < stream.size(); at += piece)
            EXPECT_TRUE(one.feed(std::string_view(stream).substr(at, piece)));
        EXPECT_EQ(heard, "exchange={\"a\":1};message=x\ny;message=last;") << piece;
    }
}

TEST(event_parser, ends_when_the_listener_had_enough) {
    int heard = 0;
    event_parser one([&](auto, auto) { return ++heard < 2; });
    EXPECT_FALSE(one.feed("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
    EXPECT_FALSE(one.feed("data: 4\n\n"));
    EXPECT_EQ(heard, 2);
}

} // namespace
} // namespace adit::cli
