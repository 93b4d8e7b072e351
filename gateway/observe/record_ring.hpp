// The way of records from one worker to the thread that writes them down.
#pragma once

#include "observe/exchange_record.hpp"
#include "observe/wakeup.hpp"

#include <boost/lockfree/spsc_queue.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace adit::observe {

// Two queues of pointers into memory that is taken once: free records go to the worker, full ones to the
// reader, so that none is ever copied. One thread calls take() and give(), one other read(); neither waits
// for the other.
class record_ring {
public:
    // `bytes` of records, at least two. The reader is woken through `reader`, which may have other rings.
    record_ring(std::size_t bytes, std::shared_ptr<wakeup> reader)
        : count_(std::max<std::size_t>(2, bytes / sizeof(exchange_record))),
          records_(std::make_unique_for_overwrite<exchange_record[]>(count_)),
          free_(count_),
          full_(count_),
          reader_(std::move(reader)) {
        for (std::size_t i = 0; i < count_; ++i) free_.push(&records_[i]);
    }
    record_ring(const record_ring&) = delete;
    record_ring& operator=(const record_ring&) = delete;

    std::size_t capacity() const noexcept { return count_; }

    // The worker. An empty record to fill and give; null where the reader has not kept up.
    exchange_record* take() noexcept {
        exchange_record* one = nullptr;
        if (!free_.pop(one)) return nullptr;
        one->reset();
        return one;
    }
    void give(exchange_record* one) noexcept {
        full_.push(one);
        // The reader looks by itself now and then; a burst does not wait for that.
        if (free_.read_available() == count_ / 2) reader_->wake();
    }

    // The reader. Calls `each` for what is there, at most a ring full; how many there were.
    template <class Each>
    std::size_t read(Each each) {
        std::size_t seen = 0;
        exchange_record* one = nullptr;
        for (; seen < count_ && full_.pop(one); ++seen) {
            each(static_cast<const exchange_record&>(*one));
            free_.push(one);
        }
        return seen;
    }

private:
    const std::size_t count_;
    std::unique_ptr<exchange_record[]> records_;
    boost::lockfree::spsc_queue<exchange_record*> free_, full_;
    std::shared_ptr<wakeup> reader_;
};

} // namespace adit::observe
