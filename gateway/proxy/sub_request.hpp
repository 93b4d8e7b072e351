// A question of Adit's own to a service, on a connection of the worker's pools: a head out, a head back, and
// a small body that is kept, or read only so that the connection can be used again.
#pragma once

#include "core/block_pool.hpp"
#include "http/framing.hpp"
#include "http/hop_by_hop.hpp"
#include "http/scanner.hpp"
#include "net/loop.hpp"
#include "net/outgoing.hpp"
#include "proxy/body.hpp"
#include "upstream/connection.hpp"
#include "upstream/pool.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace adit::proxy {

class worker;

// Belongs to one worker. The asker outlives the question, or forgets it.
class sub_request final : public upstream::lessee {
public:
    enum class outcome : std::uint8_t {
        answered,    // head() and body() are good until forget()
        unreachable, // nothing was sent, or a connection from the pool had grown stale: another try is safe
        broken,      // no answer, one that is no HTTP/1.1, or one too large to be kept
        timed_out
    };
    using told = void (*)(void* asker, outcome what);
    enum class wanted : std::uint8_t { head, body };

    static constexpr std::uint32_t most_head = 16 * 1024; // bytes of the answer's head
    static constexpr std::uint64_t most_body = 48 * 1024; // bytes of a body that is kept, or read at all

    explicit sub_request(worker& home);

    // Where the question's head is written before start(), which may hold other things behind it.
    char* room();
    std::size_t room_size() const noexcept { return out_.size(); }

    struct question {
        std::string_view head; // in room(); no body follows
        http::method verb = http::method::get;
        wanted what = wanted::head;
        std::chrono::nanoseconds within{}; // until what is wanted is there
    };
    // `tell(asker)` follows, never before start() has returned.
    void start(upstream::pool& to, const question& what, told tell, void* asker);
    http::response_head& head() noexcept { return head_; }
    // Only if it was wanted: all of it.
    std::string_view body() const noexcept { return {in_.data() + head_.size, in_end_ - head_.size}; }
    // The asker wants to hear no more, and gives up head() and body().
    void forget() noexcept;

    void upstream_connected(const net::error_code& error) override;
    void upstream_read(const net::error_code& error, std::size_t size) override;
    void upstream_writable() override { send(); }

private:
    void on_timer();
    void ask();
    void send();
    void read_more();
    void scan(std::size_t size);
    void begin_body();
    void take_body(std::size_t size);
    void let_go(bool clean) noexcept;
    void end(outcome what, bool clean);

    worker& worker_;
    told tell_ = nullptr;
    void* asker_ = nullptr;
    upstream::connection* connection_ = nullptr;
    net::deadline timer_;
    net::outgoing outgoing_;
    block out_, in_;
    struct question question_;
    std::size_t in_end_ = 0; // of the head and what is kept of the body
    std::uint64_t sent_ = 0, body_size_ = 0;
    bool received_any_ = false, keeps_ = false, in_body_ = false;
    http::head_scanner scanner_;
    http::response_head head_;
    body_reader body_;
};

} // namespace adit::proxy
