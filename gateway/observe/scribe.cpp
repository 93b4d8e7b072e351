#include "observe/scribe.hpp"

#include "observe/access_line.hpp"

#include <utility>

namespace adit::observe {

namespace {
constexpr std::size_t flush_from = 64 * 1024; // bytes of lines in one write
} // namespace

void scribe::assign(work next) {
    {
        const std::lock_guard lock(mutex_);
        next_.push_back(std::move(next));
    }
    if (thread_.joinable())
        wakeup_->wake();
    else if (started_)
        thread_ = std::thread([this] { run(); });
}

void scribe::start() {
    if (std::exchange(started_, true)) return;
    if (!next_.empty()) thread_ = std::thread([this] { run(); });
}

void scribe::reopen() {
    {
        const std::lock_guard lock(mutex_);
        reopen_asked_ = true;
    }
    wakeup_->wake();
}

void scribe::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stop_asked_ = true;
    }
    wakeup_->wake();
    thread_.join();
}

void scribe::run() {
    for (bool go_on = true; go_on;) {
        go_on = take_orders();
        look();
        if (go_on) wakeup_->wait(interval);
    }
    if (work_.output) work_.output->finish(counters_, last_lines);
    work_ = {};
}

// False when this is the last round.
bool scribe::take_orders() {
    std::vector<work> orders;
    bool go_on = true;
    {
        const std::lock_guard lock(mutex_);
        orders.swap(next_);
        reopen_due_ |= std::exchange(reopen_asked_, false);
        go_on = !stop_asked_;
    }
    for (auto& next : orders) {
        look();
        if (work_.output && work_.output != next.output) work_.output->finish(counters_, interval);
        work_ = std::move(next);
    }
    if (reopen_due_) {
        look(); // what ended before belongs to the file of before
        // Tried again at every turn until it succeeds.
        reopen_due_ = work_.output && !work_.output->reopen(counters_);
    }
    return go_on;
}

void scribe::look() {
    const auto clock = record_clock::now();
    const auto take = [&](const exchange_record& one) {
        if (one.for_log && work_.output) {
            if (auto* to = work_.output->line(counters_)) {
                write_access_line(*to, one, clock, work_.layout, work_.parts);
                if (work_.output->kept() >= flush_from) work_.output->flush(counters_);
            }
        }
        if (one.for_tap)
            for (const auto& listener : work_.listeners) listener->hear(one, clock);
    };
    for (const auto& ring : work_.rings) ring->read(take);
    if (work_.output) work_.output->flush(counters_);
    for (const auto& listener : work_.listeners) listener->rest();
}

} // namespace adit::observe
