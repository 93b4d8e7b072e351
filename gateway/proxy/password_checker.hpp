// Threads for what takes too long for a worker: slow password hashes.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace adit::proxy {

// What somebody who guesses passwords can use up is bounded: two threads that yield to the workers, and so
// many guesses that wait for them. Threads are started by the first job.
class password_checker {
public:
    static constexpr std::size_t threads = 2;
    static constexpr std::size_t most_waiting = 64;

    password_checker() = default;
    password_checker(const password_checker&) = delete;
    ~password_checker() { stop(); }

    // Any thread. False, and nothing happens, when too many wait already or it was stopped.
    bool submit(std::function<void()> job);
    // Forgets what waits and joins the threads. To be called while those whom jobs tell are still there.
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::thread> threads_;
    bool stopped_ = false;
};

} // namespace adit::proxy
