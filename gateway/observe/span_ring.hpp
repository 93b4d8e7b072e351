// The way of spans from one worker to the thread that exports them.
#pragma once

#include "observe/counter.hpp"
#include "observe/span.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <memory>
#include <vector>

namespace adit::observe {

// One writer, one reader, no lock; neither ever waits. A span that finds no place is dropped and counted.
class span_ring {
public:
    // 0.8 MB; the exporter empties it ten times a second.
    static constexpr std::size_t capacity = 1024;

    // The worker's.
    void push(const span_record& one) noexcept {
        if (!queue_.push(one)) dropped_.add();
    }
    // The exporter's: gives up to `most` spans to `take`; returns how many there were.
    template <class Take>
    std::size_t drain(std::size_t most, Take&& take) {
        std::size_t taken = 0;
        while (taken < most && queue_.consume_one(take)) ++taken;
        return taken;
    }
    // Any thread.
    std::uint64_t dropped() const noexcept { return dropped_.value(); }

private:
    boost::lockfree::spsc_queue<span_record, boost::lockfree::capacity<capacity>> queue_;
    counter dropped_;
};

using span_rings = std::vector<std::shared_ptr<span_ring>>; // by worker

// What the exporter counts; it is the one writer.
struct trace_counters {
    counter exported; // spans that a collector has taken
    counter failed;   // spans that no collector took: refused, or given up after retries
    counter dropped;  // spans left over when the process ended
    counter retries;  // batches sent once more
};

} // namespace adit::observe
