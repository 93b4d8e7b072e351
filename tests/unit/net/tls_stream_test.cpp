// TLS between two streams of one loop, each side as a gateway is: server towards clients, client towards
// upstreams.
#include "net/stream.hpp"
#include "net/tls_session.hpp"
#include "net/tls_store.hpp"

#include "unit/net/certificates.hpp"
#include "unit/net/loop_thread.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace adit::net {
namespace {

using observe::tls_failure;

// One side of a connection; reads all that comes and sends all that it is given.
struct side {
    explicit side(loop& on) : wire(on, this, to) {}

    static const stream::callbacks to;
    stream wire;
    std::string got, to_send;
    std::size_t sent = 0;
    bool shaken = false, failed = false, ended = false, broken = false, paused = false;
    char buffer[5000];

    void arm() {
        if (paused) return;
        wire.read_into(buffer, sizeof buffer);
        wire.arm_read();
    }
    void send(std::string_view text) {
        to_send += text;
        flush();
    }
    void flush() {
        while (sent < to_send.size()) {
            // In parts, as a head and a body are.
            const auto left = to_send.size() - sent;
            const auto first = std::min<std::size_t>(left, 300);
            iovec parts[2]{{to_send.data() + sent, first}, {to_send.data() + sent + first, left - first}};
            std::size_t now = 0;
            const auto outcome = wire.send(parts, 2, now);
            sent += now;
            if (outcome == io::blocked) return wire.arm_write();
            if (outcome != io::done) {
                broken = true;
                return;
            }
        }
    }
};

const stream::callbacks side::to{
    .read =
        [](void* self, const error_code& error, std::size_t size) {
            auto& one = *static_cast<side*>(self);
            if (error == boost::asio::error::eof) {
                one.ended = true;
            } else if (error) {
                one.broken = true;
            } else {
                one.got.append(one.buffer, size);
                one.arm();
            }
        },
    .writable = [](void* self) { static_cast<side*>(self)->flush(); },
    .connected =
        [](void* self, const error_code& error) {
            auto& one = *static_cast<side*>(self);
            (error ? one.failed : one.shaken) = true;
            std::size_t none = 0;
            if (!error) one.wire.send(nullptr, 0, none); // the last of the handshake
            if (!error) one.arm();
        }};

std::shared_ptr<const tls_tickets> tickets(std::initializer_list<std::uint8_t> keys) {
    std::vector<tls_tickets::secret> out;
    for (const auto one : keys) {
        out.emplace_back();
        out.back().fill(one);
    }
    return std::make_shared<const tls_tickets>(out);
}

class tls_between_streams : public testing::Test {
protected:
    tls_between_streams() {
        settings.certificates = {tests::read_certificate(first), tests::read_certificate(second)};
        settings.tickets = tickets({1});
    }
    ~tls_between_streams() override {
        on.run([&] { close(); });
    }

    struct call {
        std::string host = "first.test";
        int version = TLS1_3_VERSION;
        const char* protocols = nullptr; // of ALPN, in its wire form
    };

    // Connects the two sides and waits for the handshake to end on both, well or not.
    void connect(const call& how) {
        std::string why;
        const auto store = tls_store::make(settings, why);
        ASSERT_TRUE(store) << why;
        openssl_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
        SSL_CTX_set_max_proto_version(context.get(), how.version);
        SSL_CTX_set_session_cache_mode(
            context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE
        );
        SSL_CTX_sess_set_new_cb(context.get(), &tls_session::keep);
        openssl_ptr<SSL> calling(SSL_new(context.get()));
        if (!how.host.empty()) SSL_set_tlsext_host_name(calling.get(), how.host.c_str());
        if (how.protocols)
            SSL_set_alpn_protos(
                calling.get(), reinterpret_cast<const unsigned char*>(how.protocols),
                static_cast<unsigned>(std::strlen(how.protocols))
            );
        auto [ours, theirs] = tests::socket_pair(buffer);
        ::fcntl(theirs.get(), F_SETFL, O_NONBLOCK);
        if (buffer != 0) ::setsockopt(theirs.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
        on.run([&, one = ours.release(), two = theirs.release()] {
            close();
            server.emplace(on.loop);
            client.emplace(on.loop);
            EXPECT_TRUE(server->wire.assign(one));
            EXPECT_TRUE(client->wire.assign(two));
            server->wire.secure(tls_session::serve(wire, store, {}));
            client->wire.secure(tls_session::call(wire, std::move(calling), &kept));
        });
        ASSERT_TRUE(on.until([&] {
            return (client->shaken || client->failed) && (server->shaken || server->failed);
        }));
    }
    void close() {
        if (server) server->wire.close();
        if (client) client->wire.close();
    }
    void exchange_words() {
        on.run([&] { client->send("ping"); });
        ASSERT_TRUE(on.until([&] { return server->got.ends_with("ping"); }));
        on.run([&] { server->send("pong"); });
        ASSERT_TRUE(on.until([&] { return client->got.ends_with("pong"); }));
    }
    bool resumed() {
        return on.run([&] { return server->wire.tls()->resumed(); });
    }
    std::string served_name() {
        return on.run([&] { return server->wire.tls()->host(); });
    }

    tests::made_certificate first = tests::make_certificate({"first", "DNS:first.test,DNS:*.first.test"});
    tests::made_certificate second = tests::make_certificate({"second", "DNS:second.test"});
    tls_store_settings settings;
    int buffer = 0;
    tests::loop_thread on;
    tls_wire wire;
    openssl_ptr<SSL_SESSION> kept;
    std::optional<side> server, client;
};

TEST_F(tls_between_streams, carries_bytes_both_ways) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        connect({.version = version});
        exchange_words();
        EXPECT_EQ(on.run([&] { return server->wire.tls()->tls13(); }), version == TLS1_3_VERSION);
        EXPECT_EQ(served_name(), "first.test");
    }
}

TEST_F(tls_between_streams, carries_much_through_small_sockets) {
    buffer = 1;
    connect({});
    std::string much;
    for (int i = 0; i < 300'000; ++i) much += static_cast<char>('a' + i % 23);
    on.run([&] {
        client->send(much);
        server->send(much);
        EXPECT_LT(client->sent, much.size()); // the socket is smaller than that
    });
    EXPECT_TRUE(on.until([&] {
        return server->got.size() == much.size() && client->got.size() == much.size();
    }));
    EXPECT_EQ(server->got, much);
    EXPECT_EQ(client->got, much);
    EXPECT_EQ(client->sent, much.size());
}

// What OpenSSL has decrypted, or still holds, is nothing that the socket would tell of.
TEST_F(tls_between_streams, a_paused_reader_gets_all_of_it_later) {
    connect({});
    const std::string much(60'000, 'x');
    on.run([&] {
        server->paused = true;
        client->send(much);
    });
    EXPECT_TRUE(on.until([&] { return !server->got.empty(); })); // the read that was armed
    const auto before = on.run([&] { return server->got.size(); });
    EXPECT_LT(before, much.size());
    on.run([&] {
        server->paused = false;
        server->arm();
    });
    EXPECT_TRUE(on.until([&] { return server->got.size() == much.size(); }));
}

TEST_F(tls_between_streams, an_end_comes_behind_the_bytes_and_leaves_the_other_way_open) {
    connect({});
    on.run([&] {
        client->send("last words");
        client->wire.shutdown_send();
    });
    EXPECT_TRUE(on.until([&] { return server->ended; }));
    EXPECT_EQ(server->got, "last words");
    on.run([&] { server->send("heard"); });
    EXPECT_TRUE(on.until([&] { return client->got == "heard"; }));
    on.run([&] { server->wire.close(); });
    EXPECT_TRUE(on.until([&] { return client->ended; })); // said, not only closed
}

TEST_F(tls_between_streams, an_upstream_that_only_closes_its_socket_has_said_no_end) {
    connect({});
    on.run([&] { ::shutdown(server->wire.descriptor(), SHUT_RDWR); });
    EXPECT_TRUE(on.until([&] { return client->broken; }));
    EXPECT_FALSE(client->ended);
}

TEST_F(tls_between_streams, a_client_may_just_close_its_socket) {
    connect({});
    on.run([&] { ::shutdown(client->wire.descriptor(), SHUT_RDWR); });
    EXPECT_TRUE(on.until([&] { return server->ended; }));
    EXPECT_FALSE(server->broken);
}

TEST_F(tls_between_streams, is_silent_until_there_is_a_byte) {
    connect({});
    exchange_words(); // the ticket has come
    EXPECT_TRUE(on.run([&] { return client->wire.silent(); }));
    EXPECT_TRUE(on.run([&] { return server->wire.silent(); }));
    EXPECT_FALSE(on.run([&] {
        server->send("!");
        return client->wire.silent();
    }));
    EXPECT_TRUE(on.until([&] { return client->got.ends_with("!"); })); // it was only looked at
}

TEST_F(tls_between_streams, a_session_is_resumed_by_whoever_has_the_key) {
    connect({});
    exchange_words();
    EXPECT_FALSE(resumed());
    ASSERT_TRUE(kept);
    int round = 0;
    for (const auto& keys : {tickets({1}), tickets({2, 1})}) { // another process; and after a rotation
        ++round;
        settings.tickets = keys;
        connect({});
        exchange_words();
        EXPECT_TRUE(resumed()) << round;
    }
    settings.tickets = tickets({3});
    connect({});
    exchange_words();
    EXPECT_FALSE(resumed());
}

TEST_F(tls_between_streams, a_session_of_one_name_is_none_of_another) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        kept.reset();
        connect({.host = "a.first.test", .version = version});
        exchange_words();
        connect({.host = "b.first.test", .version = version});
        exchange_words();
        EXPECT_FALSE(resumed()) << version;
    }
}

TEST_F(tls_between_streams, a_name_chooses_its_certificate) {
    const std::pair<const char*, const char*> cases[]{
        {"first.test", "first"},   {"FIRST.test", "first"}, {"www.first.test", "first"},
        {"second.test", "second"}, {"", "first"},           {"unknown.test", "first"},
        {"a.second.test", "first"}};
    for (const auto& [host, common] : cases) {
        kept.reset();
        connect({.host = host});
        const auto shown = on.run([&] {
            auto* one = SSL_get0_peer_certificate(client->wire.tls()->handle());
            char text[64] = {};
            X509_NAME_get_text_by_NID(X509_get_subject_name(one), NID_commonName, text, sizeof text);
            return std::string(text);
        });
        EXPECT_EQ(shown, common) << host;
    }
}

TEST_F(tls_between_streams, only_http_is_agreed_on) {
    connect({.protocols = "\x02h2\x08http/1.1"});
    EXPECT_TRUE(client->shaken);
    connect({.protocols = "\x02h2"});
    EXPECT_TRUE(server->failed);
    EXPECT_EQ(on.run([&] { return server->wire.tls()->failure(); }), tls_failure::no_application);
    EXPECT_EQ(on.run([&] { return client->wire.tls()->failure(); }), tls_failure::refused);
}

TEST_F(tls_between_streams, versions_out_of_bounds_are_refused) {
    settings.min_version = TLS1_3_VERSION;
    connect({.version = TLS1_2_VERSION});
    EXPECT_TRUE(server->failed);
    EXPECT_EQ(on.run([&] { return server->wire.tls()->failure(); }), tls_failure::no_version);
}

TEST_F(tls_between_streams, a_store_with_unknown_ciphers_is_not_made) {
    settings.ciphers = "ROT13";
    std::string why;
    EXPECT_FALSE(tls_store::make(settings, why));
    EXPECT_NE(why.find("none of the ciphers is known"), std::string::npos) << why;
}

// The store goes while a connection that it made lives on.
TEST_F(tls_between_streams, a_connection_outlives_its_certificates) {
    connect({});
    settings = {};
    exchange_words();
    on.run([&] { client->send(std::string(100'000, 'y')); });
    EXPECT_TRUE(on.until([&] { return server->got.size() >= 100'000; }));
}

} // namespace
} // namespace adit::net
