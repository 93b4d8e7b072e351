#include "proxy/password_checker.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace adit::proxy {

namespace {
constexpr int politeness = 10; // of nice(2)
} // namespace

bool password_checker::submit(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(job));
    if (threads_.size() < threads) threads_.emplace_back([this] { run(); });
    changed_.notify_one();
    return true;
}

void password_checker::stop() {
    std::vector<std::thread> ending;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        waiting_.clear();
        ending.swap(threads_);
        changed_.notify_all();
    }
    for (auto& one : ending) one.join();
}

void password_checker::run() {
    // On Linux of this thread alone; where it is not allowed the thread is as eager as the workers.
    static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), politeness));
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
        if (stopped_) return;
        const auto job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        job();
    }
}

} // namespace adit::proxy
