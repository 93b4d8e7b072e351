// Takes the spans that workers note to a trace collector, on a thread of its own that nobody waits for.
#pragma once

#include "cli/collector.hpp"
#include "core/clock.hpp"
#include "core/random.hpp"
#include "observe/export_schedule.hpp"
#include "observe/otlp.hpp"
#include "observe/span_ring.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace adit::cli {

// The thread begins with the first follow(); before that nothing is there but the counters. Memory is bounded
// by the rings, the queue and one batch; what finds no place there is dropped by the worker that noted it.
class trace_exporter {
public:
    struct settings {
        collector_settings to;
        observe::span_resource who;
        observe::export_schedule::rules rules;
        std::size_t queue = 8192; // spans
    };

    trace_exporter() = default;
    // Stops at once.
    ~trace_exporter();
    trace_exporter(const trace_exporter&) = delete;

    // Control thread. `rings` are the same at every call; they outlive the workers.
    void follow(settings now, const observe::span_rings& rings);
    // No span is noted any more: those that wait are sent, then nothing happens.
    void rest();
    // Sends what there is, for no longer than `within`, while the workers have stopped. `done` is called
    // once, on the exporter's thread, or at once where that was never begun.
    void flush(std::chrono::milliseconds within, std::function<void()> done);
    const observe::trace_counters& counters() const noexcept { return counters_; }

private:
    // Its own thread from here on.
    void take_up(settings now);
    void turn();
    void gather();
    void send();
    void pack();
    void answered(const collector::answer& what);
    void tell(const collector::answer& what, std::string problem);
    bool idle() const noexcept { return waiting_.empty() && packed_ == 0; }
    void finish();

    observe::trace_counters counters_;
    observe::span_rings rings_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    boost::asio::steady_timer turn_timer_{context_}, end_timer_{context_};
    settings settings_;
    observe::export_schedule schedule_;
    random_source random_;
    std::deque<observe::span_record> waiting_;
    instant oldest_ = 0;     // when the first of these was taken over
    std::string body_;       // of the batch that is to be taken
    std::size_t packed_ = 0; // spans in it
    std::unique_ptr<collector> collector_;
    bool asking_ = false;
    bool following_ = false; // spans are still noted
    bool turning_ = false;
    std::function<void()> flushed_; // not null from flush() until it is over
    std::thread thread_;
};

} // namespace adit::cli
