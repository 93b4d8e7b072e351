#include "upstream/endpoint_state.hpp"
#include "upstream/pool.hpp"

#include "unit/net/loop_thread.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace adit::upstream {
namespace {

using tests::handle;

struct user final : lessee {
    void upstream_connected(const net::error_code& error) override {
        connected = true;
        failure = error;
    }
    void upstream_read(const net::error_code& error, std::size_t size) override {
        failure = error;
        got.append(buffer, size);
    }
    void upstream_writable() override {}

    char buffer[256];
    std::atomic<bool> connected{false};
    net::error_code failure;
    std::string got;
};

class a_pool : public testing::Test {
protected:
    a_pool() : listening{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        net::tcp::endpoint at{boost::asio::ip::address_v4::loopback(), 0};
        ::bind(listening.get(), at.data(), static_cast<socklen_t>(at.size()));
        ::listen(listening.get(), 16);
        auto size = static_cast<socklen_t>(at.capacity());
        ::getsockname(listening.get(), at.data(), &size);
        pool_ = &on.run([&]() -> std::reference_wrapper<pool> { return all->of(at); }).get();
    }
    ~a_pool() override {
        on.run([&] { all->close_idle(), all.reset(); });
    }

    handle accept() {
        if (!listening.wait(POLLIN)) return ADD_FAILURE() << "nobody connects", handle{};
        return handle{::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    }
    // A connection that is up, and its other end.
    std::pair<connection*, handle> connect(user& by) {
        by.connected = false;
        auto* one = on.run([&] { return &pool_->lease(by, pool::demand::fresh); });
        auto peer = accept();
        EXPECT_TRUE(on.until([&] { return by.connected.load(); }));
        EXPECT_FALSE(by.failure);
        return {one, std::move(peer)};
    }
    void give_back(connection* one, bool clean = true) {
        on.run([&] { one->give_back(clean); });
    }
    std::size_t idle() {
        return on.run([&] { return pool_->idle(); });
    }

    tests::loop_thread on;
    observe::worker_counters counters;
    net::tls_wire wire;
    std::unique_ptr<pools> all = std::make_unique<pools>(on.loop, counters, wire);
    handle listening;
    pool* pool_ = nullptr;
    user who, other;
};

TEST_F(a_pool, is_one_per_address_and_tells_it) {
    const net::tcp::endpoint six{boost::asio::ip::make_address("fd00::1"), 80};
    on.run([&] {
        EXPECT_EQ(&all->of(pool_->address()), pool_);
        EXPECT_EQ(all->of(six).text(), "[fd00::1]:80");
        EXPECT_EQ(pool_->text(), "127.0.0.1:" + std::to_string(pool_->address().port()));
    });
}

TEST_F(a_pool, lends_last_in_first_out) {
    auto [first, first_peer] = connect(who);
    auto [second, second_peer] = connect(other);
    give_back(first);
    give_back(second);
    EXPECT_EQ(idle(), 2u);
    on.run([&, first = first, second = second] {
        EXPECT_EQ(&pool_->lease(who, pool::demand::any), second);
        EXPECT_EQ(&pool_->lease(other, pool::demand::checked), first);
        EXPECT_TRUE(first->reused());
        first->give_back(false);
        second->give_back(false);
    });
    EXPECT_EQ(idle(), 0u);
    EXPECT_EQ(first_peer.read_to_end(), "");
    EXPECT_EQ(second_peer.read_to_end(), "");
}

TEST_F(a_pool, carries_bytes_into_the_buffer_of_whoever_has_leased) {
    auto [one, peer] = connect(who);
    give_back(one);
    on.run([&, one = one] {
        EXPECT_EQ(&pool_->lease(other, pool::demand::checked), one);
        one->read_into(other.buffer, sizeof other.buffer);
    });
    peer.send("an answer");
    EXPECT_TRUE(on.until([&] { return other.got == "an answer"; }));
    EXPECT_EQ(who.got, "");
    give_back(one, false);
}

TEST_F(a_pool, forgets_an_idle_connection_that_the_endpoint_closes) {
    auto [one, peer] = connect(who);
    give_back(one);
    peer.reset();
    EXPECT_TRUE(on.until([&] { return pool_->idle() == 0; }));
}

TEST_F(a_pool, forgets_an_idle_connection_that_speaks_unasked) {
    auto [one, peer] = connect(who);
    give_back(one);
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_TRUE(on.until([&] { return pool_->idle() == 0; }));
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST_F(a_pool, checked_passes_over_what_the_kernel_knows_to_be_closed) {
    connection* one = nullptr;
    handle peer;
    std::tie(one, peer) = connect(who);
    give_back(one);
    // In one turn of the loop: it cannot have been told yet.
    const auto fresh = on.run([&] {
        peer.reset();
        EXPECT_EQ(pool_->idle(), 1u);
        auto& leased = pool_->lease(other, pool::demand::checked);
        EXPECT_FALSE(leased.reused());
        return &leased;
    });
    give_back(fresh, false);
}

TEST_F(a_pool, makes_a_new_connection_in_the_place_of_an_idle_one_where_there_is_a_limit) {
    const auto counted = std::make_shared<endpoint_state>("here", 0);
    const auto address = pool_->address();
    pool_ = on.run([&] { return &all->limited(address, nullptr, counted, 1); });
    auto [one, peer] = connect(who);
    EXPECT_FALSE(counted->has_connection(1));
    give_back(one);
    auto [next, other_peer] = connect(other);
    EXPECT_EQ(peer.read_to_end(), "");
    EXPECT_TRUE(counted->has_connection(2)); // one is open, not two
    EXPECT_FALSE(counted->has_connection(1));
    give_back(next, false);
}

// What came behind an answer, and was told, but not yet read, would be taken for the next one.
TEST_F(a_pool, never_lends_what_is_known_to_hold_bytes) {
    auto [one, peer] = connect(who);
    peer.send("left over");
    EXPECT_TRUE(on.until([&, one = one] { return one->stream().readable(); }));
    const auto fresh = on.run([&, one = one] {
        one->give_back(true);
        auto& leased = pool_->lease(other, pool::demand::any);
        EXPECT_FALSE(leased.reused());
        return &leased;
    });
    give_back(fresh, false);
}

TEST_F(a_pool, closes_what_has_been_idle_for_too_long) {
    on.run([&] { all->idle_timeout(std::chrono::milliseconds(1)); });
    auto [one, peer] = connect(who);
    give_back(one);
    EXPECT_EQ(peer.read_to_end(), "");
    EXPECT_EQ(idle(), 0u);
}

TEST_F(a_pool, a_leased_connection_is_not_timed) {
    on.run([&] { all->idle_timeout(std::chrono::milliseconds(1)); });
    auto [one, peer] = connect(who);
    auto [short_lived, short_peer] = connect(other);
    on.run([&, one = one, short_lived = short_lived] {
        one->give_back(true);
        EXPECT_EQ(&pool_->lease(who, pool::demand::any), one);
        short_lived->give_back(true);
    });
    EXPECT_EQ(short_peer.read_to_end(), ""); // its time has come, and with it that of the other
    EXPECT_TRUE(on.run([&, one = one] { return one->stream().is_open(); }));
    give_back(one, false);
}

TEST_F(a_pool, is_gone_when_the_last_who_kept_it_lets_go) {
    auto [one, peer] = connect(who);
    auto [lent, lent_peer] = connect(other);
    on.run([&, one = one] {
        pool_->keep();
        pool_->keep();
        one->give_back(true);
        pool_->let_go();
        EXPECT_EQ(pool_->idle(), 1u);
        pool_->let_go();
        EXPECT_EQ(pool_->idle(), 0u);
        EXPECT_EQ(all->size(), 1u); // one connection is still lent
    });
    EXPECT_EQ(peer.read_to_end(), "");
    give_back(lent); // clean, but nobody will ask for it again
    EXPECT_EQ(on.run([&] { return all->size(); }), 0u);
    EXPECT_EQ(lent_peer.read_to_end(), "");
}

TEST_F(a_pool, stays_when_its_address_comes_back_in_time) {
    auto [lent, peer] = connect(who);
    on.run([&, lent = lent] {
        pool_->keep();
        pool_->let_go();
        EXPECT_EQ(&all->of(pool_->address()), pool_);
        pool_->keep();
        lent->give_back(true);
        EXPECT_EQ(pool_->idle(), 1u);
        pool_->let_go();
        EXPECT_EQ(all->size(), 0u);
    });
    EXPECT_EQ(peer.read_to_end(), "");
}

} // namespace
} // namespace adit::upstream
