// The one thread that takes records of all workers and does with them what takes time: writes lines, tells
// those who watch.
#pragma once

#include "model/access_log.hpp"
#include "observe/log_output.hpp"
#include "observe/record_listener.hpp"
#include "observe/record_ring.hpp"
#include "observe/wakeup.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace adit::observe {

// Everything but the work itself is called by the control thread.
class scribe {
public:
    static constexpr std::chrono::milliseconds interval{100};     // between two looks into the rings
    static constexpr std::chrono::milliseconds last_lines{5'000}; // for an output that takes none at the end

    struct work {
        std::vector<std::shared_ptr<record_ring>> rings; // each read by this thread only
        std::shared_ptr<log_output> output;              // null: there is no log
        model::access_log::layout layout = model::access_log::layout::json;
        model::access_log::parts parts;
        std::vector<std::shared_ptr<record_listener>> listeners;
    };

    scribe() = default;
    ~scribe() { stop(); }
    scribe(const scribe&) = delete;

    // From now on; what lies in the rings of the work before is done as it said, then those are let go.
    void assign(work next);
    // The output's file was moved away.
    void reopen();
    // The thread begins with the first work after this.
    void start();
    // Does all that is left and ends. Nobody gives records any more.
    void stop();

    // For rings.
    const std::shared_ptr<observe::wakeup>& wakeup() const noexcept { return wakeup_; }
    const log_counters& counters() const noexcept { return counters_; }

private:
    void run();
    bool take_orders();
    void look();

    const std::shared_ptr<observe::wakeup> wakeup_ = std::make_shared<observe::wakeup>();
    log_counters counters_;
    work work_; // the thread's own
    bool reopen_due_ = false;

    std::mutex mutex_;
    std::vector<work> next_; // each is done, in this order
    bool reopen_asked_ = false, stop_asked_ = false;

    bool started_ = false;
    std::thread thread_;
};

} // namespace adit::observe
