#include "net/outgoing.hpp"

#include "unit/net/loop_thread.hpp"

#include <gtest/gtest.h>

#include <string>

namespace adit::net {
namespace {

class what_goes_out : public testing::Test {
protected:
    what_goes_out() {
        auto [ours, theirs] = tests::socket_pair(1);
        peer = std::move(theirs);
        EXPECT_TRUE(to.assign(ours.release()));
    }
    static const stream::callbacks none;

    // All that there is now.
    void take() {
        char bytes[65536];
        for (;;) {
            const auto n = ::recv(peer.get(), bytes, sizeof bytes, MSG_DONTWAIT);
            if (n <= 0) return;
            read.append(bytes, static_cast<std::size_t>(n));
        }
    }

    net::loop loop; // never run: what is armed is of no interest here
    stream to{loop, nullptr, none};
    block_pool pool{68 * 1024, 4};
    tests::handle peer;
    outgoing out;
    std::string read;
    std::uint64_t total = 0;
};

const stream::callbacks what_goes_out::none{nullptr, nullptr, nullptr};

TEST_F(what_goes_out, goes_in_order_and_is_counted) {
    out.add("one ");
    out.add("");
    out.add("two");
    EXPECT_EQ(out.flush(to, pool, {}, total), io::done);
    EXPECT_TRUE(out.empty());
    take();
    EXPECT_EQ(read, "one two");
    EXPECT_EQ(total, 7u);
    EXPECT_EQ(pool.lent(), 0u);
}

// The scratch memory is overwritten as soon as flush() has returned, payload is not.
TEST_F(what_goes_out, parts_in_scratch_memory_survive_it) {
    std::string scratch(40'000, 's'), payload(300'000, 'p');
    const std::string expected = scratch.substr(0, 30'000) + payload + "static" + scratch.substr(0, 10'000);
    out.add({scratch.data(), 30'000});
    out.add(payload);
    out.add("static");
    out.add({scratch.data() + 30'000, 10'000});
    auto outcome = out.flush(to, pool, scratch, total);
    EXPECT_EQ(outcome, io::blocked);
    int rounds = 0;
    for (; outcome == io::blocked && rounds < 10'000; ++rounds) {
        EXPECT_LE(pool.lent(), 1u);
        scratch.assign(scratch.size(), '!');
        take();
        outcome = out.flush(to, pool, scratch, total);
    }
    EXPECT_EQ(outcome, io::done);
    EXPECT_GT(rounds, 1);
    take();
    EXPECT_TRUE(read == expected) << read.size() << " of " << expected.size();
    EXPECT_EQ(total, expected.size());
    EXPECT_EQ(pool.lent(), 0u);
}

TEST_F(what_goes_out, more_may_be_added_to_what_is_blocked) {
    std::string scratch(8'000, 'a');
    const std::string payload(200'000, 'p');
    std::string expected = payload + scratch;
    out.add(payload);
    out.add(scratch);
    EXPECT_EQ(out.flush(to, pool, scratch, total), io::blocked);
    scratch.assign(scratch.size(), 'b');
    expected += scratch;
    out.add(scratch);
    while (out.flush(to, pool, scratch, total) == io::blocked) {
        scratch.assign(scratch.size(), '!');
        take();
    }
    take();
    EXPECT_TRUE(read == expected);
}

TEST_F(what_goes_out, never_keeps_more_than_a_block_holds) {
    block_pool small{1024, 1};
    std::string scratch(8'000, 's');
    const std::string payload(200'000, 'p');
    out.add(payload);
    out.add({scratch.data(), 1'000});
    EXPECT_EQ(out.flush(to, small, scratch, total), io::blocked);
    out.add({scratch.data(), 25});
    EXPECT_EQ(out.flush(to, small, scratch, total), io::failed);
    out.clear();
    EXPECT_EQ(small.lent(), 0u);
}

TEST_F(what_goes_out, a_broken_connection_is_told_and_clear_gives_the_memory_back) {
    std::string scratch(60'000, 's');
    const std::string payload(200'000, 'p');
    out.add(payload);
    out.add(scratch);
    EXPECT_EQ(out.flush(to, pool, scratch, total), io::blocked);
    EXPECT_EQ(pool.lent(), 1u);
    peer.reset();
    EXPECT_EQ(out.flush(to, pool, scratch, total), io::failed);
    out.clear();
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(pool.lent(), 0u);
}

} // namespace
} // namespace adit::net
