#include "net/stream.hpp"

#include "unit/net/loop_thread.hpp"

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>

namespace adit::net {
namespace {

using tests::handle;

// A stream that notes what it is told.
struct listening {
    explicit listening(loop& on) : wire(on, this, to) {}

    static const stream::callbacks to;
    stream wire;
    std::string got;
    int ends = 0, errors = 0, writable = 0, connected = 0;
    error_code last;
    std::function<void()> then;
    char buffer[16];

    void arm() {
        wire.read_into(buffer, sizeof buffer);
        wire.arm_read();
    }
    void read(const error_code& error, std::size_t size) {
        if (error == boost::asio::error::eof)
            ++ends;
        else if (error)
            ++errors;
        else
            got.append(buffer, size);
        last = error;
        if (const auto now = then) now(); // a copy: it may put another in its place
    }
};

const stream::callbacks listening::to{
    .read = [](void* self, const error_code& error,
               std::size_t size) { static_cast<listening*>(self)->read(error, size); },
    .writable = [](void* self) { ++static_cast<listening*>(self)->writable; },
    .connected =
        [](void* self, const error_code& error) {
            auto& one = *static_cast<listening*>(self);
            ++one.connected;
            one.last = error;
            if (one.then) one.then();
        }};

class a_stream : public testing::Test {
protected:
    void open(int buffer = 0) {
        auto [ours, theirs] = tests::socket_pair(buffer);
        peer = std::move(theirs);
        on.run([&, descriptor = ours.release()] { EXPECT_TRUE(one.wire.assign(descriptor)); });
    }
    ~a_stream() override {
        on.run([&] { owned.reset(); }); // on its own thread, even where it waits for its turn
    }

    tests::loop_thread on;
    std::unique_ptr<listening> owned = std::make_unique<listening>(on.loop);
    listening& one = *owned;
    handle peer;
};

TEST_F(a_stream, hears_bytes_and_then_the_end_that_came_with_them) {
    open();
    peer.send("some");
    peer.reset();
    on.run([&] {
        one.then = [&] {
            if (one.ends == 0) one.arm();
        };
        one.arm();
    });
    EXPECT_TRUE(on.until([&] { return one.ends == 1; }));
    EXPECT_EQ(one.got, "some");
    EXPECT_EQ(one.errors, 0);
}

TEST_F(a_stream, reads_on_where_a_buffer_was_full_to_the_brim) {
    open();
    std::string sent;
    for (int i = 0; i < 10; ++i) sent += "0123456789abcdef"; // sixteen at a time
    on.run([&] {
        one.then = [&] { one.arm(); };
        one.arm();
    });
    peer.send(sent);
    EXPECT_TRUE(on.until([&] { return one.got == sent; }));
    peer.send("more");
    EXPECT_TRUE(on.until([&] { return one.got == sent + "more"; }));
}

// Bytes came, and the kernel told so, while no read was armed: there will be no second edge.
TEST_F(a_stream, remembers_what_it_was_told_before_it_was_armed) {
    open();
    peer.send("early");
    EXPECT_TRUE(on.until([&] { return one.wire.readable(); }));
    EXPECT_EQ(one.got, "");
    on.run([&] { one.arm(); });
    EXPECT_TRUE(on.until([&] { return one.got == "early"; }));
}

TEST_F(a_stream, an_armed_read_can_be_given_another_buffer) {
    open();
    char elsewhere[64] = {};
    on.run([&] {
        one.arm();
        one.wire.read_into(elsewhere, sizeof elsewhere);
    });
    peer.send("here");
    EXPECT_TRUE(on.until([&] { return !one.wire.reading(); }));
    EXPECT_EQ(std::string(elsewhere), "here");
}

TEST_F(a_stream, may_be_closed_and_opened_anew_while_it_is_told) {
    open();
    tests::handle ours, theirs;
    std::tie(ours, theirs) = tests::socket_pair();
    on.run([&] {
        one.then = [&] {
            one.then = [&] { one.arm(); };
            one.wire.close();
            EXPECT_TRUE(one.wire.assign(ours.release()));
            one.arm();
        };
        one.arm();
    });
    peer.send("first");
    EXPECT_EQ(peer.read_to_end(), ""); // closed
    theirs.send(" second");
    EXPECT_TRUE(on.until([&] { return one.got == "first second"; }));
}

TEST_F(a_stream, says_nothing_after_close) {
    open();
    on.run([&] {
        one.arm();
        peer.send("unheard");
        one.wire.close();
    });
    on.run([] {}); // a turn of the loop has passed
    on.run([&] { EXPECT_EQ(one.got, ""); });
    EXPECT_FALSE(one.wire.is_open());
}

// A read that is due in the same turn belongs to a life that has ended.
TEST_F(a_stream, a_deferred_read_does_not_outlive_its_connection) {
    open();
    peer.send("old");
    EXPECT_TRUE(on.until([&] { return one.wire.readable(); }));
    tests::handle ours, theirs;
    std::tie(ours, theirs) = tests::socket_pair();
    on.run([&] {
        one.arm(); // deferred
        one.wire.close();
        EXPECT_TRUE(one.wire.assign(ours.release()));
        one.arm();
    });
    theirs.send("new");
    EXPECT_TRUE(on.until([&] { return !one.got.empty(); }));
    EXPECT_EQ(one.got, "new");
}

TEST_F(a_stream, hears_that_a_full_socket_has_room_again) {
    open(1);
    const std::string much(1'000'000, 'x');
    std::size_t total = 0;
    on.run([&] {
        for (;;) {
            iovec part{const_cast<char*>(much.data()), much.size()};
            std::size_t sent = 0;
            const auto outcome = one.wire.send(&part, 1, sent);
            total += sent;
            if (outcome == io::done) continue;
            EXPECT_EQ(outcome, io::blocked);
            return;
        }
    });
    on.run([&] {
        EXPECT_EQ(one.writable, 0);
        one.wire.arm_write();
    });
    std::string read;
    char bytes[65536];
    while (read.size() < total)
        read.append(bytes, static_cast<std::size_t>(::recv(peer.get(), bytes, sizeof bytes, 0)));
    EXPECT_TRUE(on.until([&] { return one.writable == 1; }));
    EXPECT_FALSE(one.wire.writing());
}

TEST_F(a_stream, silent_is_neither_bytes_nor_an_end) {
    open();
    EXPECT_TRUE(on.run([&] { return one.wire.silent(); }));
    peer.send("x");
    EXPECT_FALSE(on.run([&] { return one.wire.silent(); }));
    open();
    peer.reset();
    EXPECT_FALSE(on.run([&] { return one.wire.silent(); }));
}

TEST_F(a_stream, tells_later_why_it_could_not_connect) {
    // A link-local address says nothing without its link: the kernel refuses at once.
    on.run([&] {
        one.wire.connect({boost::asio::ip::make_address("fe80::1"), 80});
        EXPECT_EQ(one.connected, 0);
        one.then = [&] { one.wire.close(); };
    });
    EXPECT_TRUE(on.until([&] { return one.connected == 1; }));
    EXPECT_TRUE(one.last);
}

TEST_F(a_stream, a_refused_connection_is_told_once) {
    handle closed{::socket(AF_INET, SOCK_STREAM, 0)};
    tcp::endpoint at{boost::asio::ip::address_v4::loopback(), 0};
    ASSERT_EQ(::bind(closed.get(), at.data(), static_cast<socklen_t>(at.size())), 0);
    auto size = static_cast<socklen_t>(at.capacity());
    ASSERT_EQ(::getsockname(closed.get(), at.data(), &size), 0);
    on.run([&] {
        one.then = [&] { one.wire.close(); };
        one.wire.connect(at);
    });
    EXPECT_TRUE(on.until([&] { return one.connected == 1; }));
    EXPECT_EQ(one.last, boost::asio::error::connection_refused);
    on.run([] {});
    EXPECT_EQ(on.run([&] { return one.connected; }), 1);
}

} // namespace
} // namespace adit::net
