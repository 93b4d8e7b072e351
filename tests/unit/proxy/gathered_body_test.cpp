#include "proxy/gathered_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace adit::proxy {
namespace {

std::string pattern(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>(i * 31 + i / 251);
    return out;
}

// What one attempt sends, through a stream as an exchange does.
std::string sent(gathered_body& body, block_pool& pool) {
    net::loop loop;
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    std::string out;
    {
        static const net::stream::callbacks none{
            [](void*, const net::error_code&, std::size_t) {}, [](void*) {}, nullptr};
        net::stream stream(loop, nullptr, none);
        EXPECT_TRUE(stream.assign(ends[0]));
        net::outgoing parts;
        std::uint64_t total = 0;
        char room[4096];
        body.rewind();
        while (body.more() || !parts.empty()) {
            if (parts.empty()) body.next(parts);
            EXPECT_NE(parts.flush(stream, pool, {}, total), net::io::failed);
            for (ssize_t got; (got = ::recv(ends[1], room, sizeof room, 0)) > 0;)
                out.append(room, static_cast<std::size_t>(got));
        }
        EXPECT_EQ(total, body.size());
    }
    ::close(ends[1]);
    return out;
}

TEST(gathered_body, is_sent_as_it_came_as_often_as_wanted) {
    block_pool pool(100, 4);
    gathered_body body;
    for (const std::size_t size : {0U, 1U, 99U, 100U, 101U, 799U, 800U, 801U, 12'345U}) {
        const auto whole = pattern(size);
        for (std::size_t at = 0, part = 1; at < size; at += part, part = part * 3 % 257 + 1)
            body.append(std::string_view{whole}.substr(at, part), pool);
        EXPECT_EQ(body.size(), size);
        EXPECT_EQ(sent(body, pool), whole) << size;
        EXPECT_EQ(sent(body, pool), whole) << size << ", again";
        body.clear();
        EXPECT_EQ(pool.lent(), 0U);
        EXPECT_FALSE(body.more());
    }
}

} // namespace
} // namespace adit::proxy
