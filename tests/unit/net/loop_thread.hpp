// An event loop on a thread of its own, and sockets to feed it with.
#pragma once

#include "net/loop.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

namespace adit::tests {

inline constexpr int patience = 10'000; // ms; for what is certain to come

// Everything that belongs to the loop is made, used and destroyed through run().
class loop_thread {
public:
    loop_thread() : thread_([this] { loop.run(); }) {}
    ~loop_thread() {
        loop.stop();
        thread_.join();
    }

    net::loop loop;

    // What `what` returns, called on the loop's thread.
    template <class What>
    auto run(What what) {
        std::packaged_task<std::invoke_result_t<What>()> task(std::move(what));
        auto result = task.get_future();
        loop.post([&task] { task(); });
        return result.get();
    }
    // Until condition() holds on the loop's thread.
    template <class Condition>
    bool until(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience);
        while (!run(condition)) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::yield();
        }
        return true;
    }

private:
    std::thread thread_;
};

// A descriptor that is closed at the end.
class handle {
public:
    explicit handle(int descriptor = -1) : descriptor_(descriptor) {}
    handle(handle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    handle& operator=(handle&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~handle() { reset(); }

    int get() const noexcept { return descriptor_; }
    int release() noexcept { return std::exchange(descriptor_, -1); }
    void reset() noexcept {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

    bool wait(short events, int milliseconds = patience) const {
        pollfd one{descriptor_, events, 0};
        return ::poll(&one, 1, milliseconds) == 1;
    }
    void send(std::string_view text) const {
        while (!text.empty()) {
            if (!wait(POLLOUT)) return ADD_FAILURE() << "the peer does not read";
            const auto n = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno == EAGAIN) continue;
            if (n < 0) return ADD_FAILURE() << "send: " << errno;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    // Up to and with the first `mark`; what came with it is kept for the next call. Whatever there was at the
    // end.
    std::string read_to(std::string_view mark) {
        for (;;) {
            if (const auto at = kept_.find(mark); at != std::string::npos) {
                auto out = kept_.substr(0, at + mark.size());
                kept_.erase(0, at + mark.size());
                return out;
            }
            if (!more()) return std::exchange(kept_, {});
        }
    }
    std::string read_to_end() {
        while (more()) {
        }
        return std::exchange(kept_, {});
    }

private:
    bool more() {
        if (!wait(POLLIN)) return ADD_FAILURE() << "nothing came", false;
        char bytes[65536];
        const auto n = ::recv(descriptor_, bytes, sizeof bytes, 0);
        if (n > 0) kept_.append(bytes, static_cast<std::size_t>(n));
        return n > 0;
    }

    int descriptor_;
    std::string kept_;
};

// Two connected sockets; the first does not block. The kernel makes of `buffer` the least that it can.
inline std::pair<handle, handle> socket_pair(int buffer = 0) {
    int both[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) std::abort();
    ::fcntl(both[0], F_SETFL, O_NONBLOCK);
    if (buffer != 0) ::setsockopt(both[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    return {handle{both[0]}, handle{both[1]}};
}

} // namespace adit::tests
