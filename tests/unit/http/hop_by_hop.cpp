// What ends at this hop (RFC 9110 §7.6.1), and what a Connection field must not be able to take away.
#include "http/hop_by_hop.hpp"

#include "unit/http/delivery.hpp"

namespace adit::http {

namespace {

std::string kept(const head& seen) {
    std::string out;
    for (const auto& f : seen.fields())
        if (!f.dropped) out += std::string(seen.name(f)) + " ";
    return out;
}

struct row {
    std::string fields;
    std::string kept; // besides Host
    connection_options options = {};
};

TEST(hop_by_hop, marks_what_is_not_passed_on) {
    const std::vector<row> rows{
        {"A: 1\r\nB: 2\r\n", "A B "},
        // of themselves
        {"Keep-Alive: 5\r\nProxy-Connection: close\r\nTE: gzip\r\nTransfer-Encoding: chunked\r\nTrailer: "
         "A\r\n"
         "Upgrade: websocket\r\nContent-Length: 5\r\nHTTP2-Settings: x\r\nProxy: evil\r\nA: 1\r\n"
         "Proxy-Authorization: x\r\nProxy-Authenticate: y\r\n",
         "A "},
        {"kEEP-aLIVE: 5\r\nte: trailers\r\ntransfer-ENCODING: chunked\r\n", "", {.te_trailers = true}},
        // by nomination
        {"Connection: close\r\nA: 1\r\n", "A ", {.close = true}},
        {"Connection: A\r\nA: 1\r\nB: 2\r\n", "B "},
        {"A: 1\r\nB: 2\r\na: 3\r\nConnection: A\r\n", "B "},
        {"connection: x-ONE\r\nX-One: 1\r\nx-one: 2\r\nX-On: 3\r\nX-One1: 4\r\n", "X-On X-One1 "},
        {"Connection: A,B\r\nConnection: keep-alive\r\nCONNECTION:  C \r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n",
         "D ",
         {.keep_alive = true}},
        {"Connection: , ,A,,\t, b ,\r\nA: 1\r\nB: 2\r\nC: 3\r\n", "C "},
        {"Connection:\r\nA: 1\r\n", "A "},
        {"Connection: Close , UPGRADE,keep-Alive\r\nUpgrade: x\r\n",
         "",
         {.close = true, .keep_alive = true, .upgrade = true}},
        {"Connection: closed, close-x, xclose\r\nclose-x: 1\r\nClose: 2\r\n", "Close "},
        {"Connection: \"A\"\r\nA: 1\r\n", "A "},
        {"Connection: A;q=1\r\nA: 1\r\n", "A "},
        {"Connection: User-Agent, Accept, Referer, X-Original-Forwarded-For\r\nUser-Agent: 1\r\nAccept: 2\r\n"
         "X-Original-Forwarded-For: 3\r\nreferer: 4\r\nB: 5\r\n",
         "B "},
        {"Connection: X-Auth-User\r\nX-Auth-User: me\r\nX_Auth_User: me\r\n", "X_Auth_User "},
        {"Connection: Connection, TE\r\nTE: trailers\r\nA: 1\r\n", "A ", {.te_trailers = true}},
        // TE
        {"TE: trailers\r\n", "", {.te_trailers = true}},
        {"TE: deflate;q=0.5 , TRAILERS\r\n", "", {.te_trailers = true}},
        {"TE: gzip\r\nTE: trailers\r\n", "", {.te_trailers = true}},
        {"TE: xtrailers, trailers2\r\n", ""},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.fields);
        scanned<request_head> one{request_with(row.fields)};
        const auto got = mark_hop_by_hop(one.head);
        EXPECT_EQ(kept(one.head), "Host " + row.kept);
        EXPECT_EQ(got.close, row.options.close);
        EXPECT_EQ(got.keep_alive, row.options.keep_alive);
        EXPECT_EQ(got.upgrade, row.options.upgrade);
        EXPECT_EQ(got.te_trailers, row.options.te_trailers);
    }
}

TEST(hop_by_hop, protects_what_others_rely_on) {
    for (const auto* name :
         {"Cookie",
          "Set-Cookie",
          "Authorization",
          "Date",
          "Content-Type",
          "Content-Encoding",
          "Expect",
          "Via",
          "X-Request-ID",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Port",
          "X-Forwarded-Proto",
          "X-Forwarded-Scheme",
          "X-Real-IP",
          "X-Scheme",
          "X-Version-Route",
          "X-Canary",
          "Forwarded",
          "Cache-Control"}) {
        SCOPED_TRACE(name);
        scanned<request_head> one{request_with(
            std::string("Connection: ") + to_lower(name) + ", Host, gone\r\n" + name + ": v\r\nGone: 1\r\n"
        )};
        mark_hop_by_hop(one.head);
        EXPECT_EQ(kept(one.head), std::string("Host ") + name + " ");
    }
}

// Nominating the framing must not hide it from the decision: that reads the fields, dropped or not.
TEST(hop_by_hop, does_not_touch_the_framing) {
    scanned<request_head> one{
        request_with("Connection: content-length, transfer-encoding\r\nContent-Length: 5\r\n")};
    mark_hop_by_hop(one.head);
    EXPECT_EQ(kept(one.head), "Host ");
    EXPECT_EQ(one.head.get(field_id::content_length), "5");
}

// As many names as there can be fields are looked up; a longer list names all that may be named, and its
// other options still count.
TEST(hop_by_hop, bounds_the_work_of_nominations) {
    const auto with_list = [](std::size_t names) {
        std::string list = "Connection: ";
        for (std::size_t i = 0; i < names; ++i) list += "n,";
        return request_with(list + " close\r\nA: 1\r\nCookie: c\r\nUser-Agent: u\r\n");
    };
    scanned<request_head> most{with_list(128)};
    EXPECT_TRUE(mark_hop_by_hop(most.head).close);
    EXPECT_EQ(kept(most.head), "Host A Cookie User-Agent ");
    for (const std::size_t names : {129U, 1'000U}) {
        scanned<request_head> over{with_list(names)};
        EXPECT_TRUE(mark_hop_by_hop(over.head).close);
        EXPECT_EQ(kept(over.head), "Host Cookie ");
    }
}

TEST(hop_by_hop, serves_responses_alike) {
    scanned<response_head> one{response_with(
        "Connection: X-Hop, Upgrade\r\nX-Hop: 1\r\nUpgrade: websocket\r\nSet-Cookie: a\r\nServer: s\r\n"
        "Trailer: X\r\nDate: d\r\nSet-Cookie: b\r\n"
    )};
    const auto got = mark_hop_by_hop(one.head);
    EXPECT_TRUE(got.upgrade);
    EXPECT_EQ(kept(one.head), "Set-Cookie Server Date Set-Cookie ");
}

TEST(hop_by_hop, offers_protocol) {
    EXPECT_TRUE(offers_protocol("websocket", "websocket"));
    EXPECT_TRUE(offers_protocol("h2c, WebSocket", "websocket"));
    EXPECT_TRUE(offers_protocol(" ,websocket,", "websocket"));
    EXPECT_FALSE(offers_protocol("websocket2", "websocket"));
    EXPECT_FALSE(offers_protocol("websocket/13", "websocket"));
    EXPECT_FALSE(offers_protocol("web socket", "websocket"));
    EXPECT_FALSE(offers_protocol("", "websocket"));
    EXPECT_FALSE(offers_protocol({}, "websocket"));
}

} // namespace

} // namespace adit::http
