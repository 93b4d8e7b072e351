// Blocks and objects that one thread lends to itself.
#include "core/block_pool.hpp"
#include "core/object_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

namespace adit {

namespace {

TEST(block_pool, lends_last_what_was_returned_last) {
    block_pool pool{64, 4};
    EXPECT_EQ(pool.block_size(), 64U);
    char* const a = pool.borrow();
    char* const b = pool.borrow();
    EXPECT_NE(a, b);
    EXPECT_EQ(pool.lent(), 2U);
    std::memset(a, 'a', 64);
    std::memset(b, 'b', 64);
    pool.give_back(a);
    pool.give_back(b);
    EXPECT_EQ(pool.lent(), 0U);
    EXPECT_EQ(pool.borrow(), b);
    EXPECT_EQ(b[63], 'b'); // neither cleared nor touched
    EXPECT_EQ(pool.borrow(), a);
    pool.give_back(a);
    pool.give_back(b);
}

TEST(block_pool, keeps_no_more_than_it_was_told) {
    block_pool pool{16, 2};
    std::set<char*> burst;
    for (int i = 0; i < 10; ++i) burst.insert(pool.borrow());
    EXPECT_EQ(burst.size(), 10U);
    for (auto* one : burst) pool.give_back(one); // a leak sanitizer sees those that were not freed
    EXPECT_EQ(pool.lent(), 0U);
    block_pool none{16, 0};
    none.give_back(none.borrow());
}

TEST(block, gives_back_once) {
    block_pool pool{32, 4};
    {
        block empty;
        EXPECT_FALSE(empty);
        EXPECT_EQ(empty.size(), 0U);
        EXPECT_EQ(empty.data(), nullptr);
        empty.reset();

        block one{pool};
        EXPECT_TRUE(one);
        EXPECT_EQ(one.size(), 32U);
        char* const data = one.data();
        block two{std::move(one)};
        EXPECT_EQ(two.data(), data);
        EXPECT_EQ(pool.lent(), 1U);
        two.reset();
        two.reset();
        EXPECT_FALSE(two);
        EXPECT_EQ(pool.lent(), 0U);
    }
    EXPECT_EQ(pool.lent(), 0U);
}

TEST(block, assignment_keeps_count) {
    block_pool pool{32, 4}, other{64, 4};
    {
        block one{pool}, two{other};
        char* const second = two.data();
        one = std::move(two);
        EXPECT_EQ(one.data(), second);
        EXPECT_EQ(one.size(), 64U);
        one = block{pool};
        EXPECT_EQ(one.size(), 32U);
        EXPECT_EQ(other.lent(), 0U);
        one = {};
        EXPECT_FALSE(one);
    }
    EXPECT_EQ(pool.lent(), 0U);
    EXPECT_EQ(other.lent(), 0U);
}

struct counted {
    explicit counted(int& alive_count) : alive(alive_count) { ++alive; }
    counted(const counted&) = delete;
    ~counted() { --alive; }
    int& alive;
    std::string memory;
};

TEST(object_pool, uses_objects_again_with_their_state) {
    int alive = 0;
    {
        object_pool<counted> pool;
        auto& a = pool.take(alive);
        auto& b = pool.take(alive);
        EXPECT_NE(&a, &b);
        EXPECT_EQ(pool.in_use(), 2U);
        a.memory = "kept";
        pool.give_back(a);
        EXPECT_EQ(pool.in_use(), 1U);
        auto& again = pool.take(alive);
        EXPECT_EQ(&again, &a);
        EXPECT_EQ(again.memory, "kept");
        EXPECT_EQ(alive, 2);
        for (int i = 0; i < 100; ++i) pool.take(alive);
        EXPECT_EQ(pool.in_use(), 102U);
        EXPECT_EQ(alive, 102);
    }
    EXPECT_EQ(alive, 0); // those in use as well
}

TEST(object_pool, addresses_are_stable) {
    object_pool<std::string> pool;
    auto& first = pool.take("first");
    for (int i = 0; i < 1'000; ++i) pool.take("more");
    EXPECT_EQ(first, "first");
}

} // namespace

} // namespace adit
