// Whether a client keeps a body moving: never silent for too long, and never behind a least rate for too
// long. The clock runs only while it is the client's turn.
#pragma once

#include "core/clock.hpp"

#include <algorithm>
#include <cstdint>

namespace adit::policy {

struct pace_bounds {
    instant idle = 0;       // ns without a byte
    instant grace = 0;      // ns that the client may be behind the rate; never less than `idle` in effect
    std::uint64_t rate = 0; // bytes a second; 0: only `idle` counts
};

// Time spent waiting is owed, bytes pay it back at the least rate, and nothing can be paid in advance: a
// client that was fast is not allowed to be slow later. (The least rate is an idea of Apache's
// mod_reqtimeout, the deadline that progress pushes one of Caddy's.)
class pace {
public:
    enum class verdict : std::uint8_t { moving, idle, slow };

    // The client's turn begins, or goes on.
    void wait(instant now) noexcept {
        if (waiting_ == 0) waiting_ = moved_ = now;
    }
    void moved(instant now, std::uint64_t bytes, const pace_bounds& bounds) noexcept {
        moved_ = now;
        settle(now);
        if (bounds.rate != 0)
            owed_ = std::max<instant>(0, owed_ - static_cast<instant>(bytes * 1'000'000'000 / bounds.rate));
    }
    // It is not the client that is waited for now.
    void rest(instant now) noexcept {
        settle(now);
        waiting_ = 0;
    }
    bool is_waiting() const noexcept { return waiting_ != 0; }
    void reset() noexcept { *this = {}; }

    // From now to the moment at which judge() will say something else if nothing moves; above 0.
    instant left(instant now, const pace_bounds& bounds) const noexcept {
        auto out = bounds.idle - (now - moved_);
        if (bounds.rate != 0) out = std::min(out, room(bounds) - owed(now));
        return std::max<instant>(1, out);
    }
    verdict judge(instant now, const pace_bounds& bounds) const noexcept {
        if (waiting_ == 0) return verdict::moving;
        if (now - moved_ >= bounds.idle) return verdict::idle;
        return bounds.rate != 0 && owed(now) >= room(bounds) ? verdict::slow : verdict::moving;
    }

private:
    static instant room(const pace_bounds& bounds) noexcept { return std::max(bounds.grace, bounds.idle); }
    instant owed(instant now) const noexcept { return owed_ + (waiting_ == 0 ? 0 : now - waiting_); }
    void settle(instant now) noexcept {
        if (waiting_ == 0) return;
        owed_ += now - waiting_;
        waiting_ = now;
    }

    instant waiting_ = 0; // since when; 0: it is not the client's turn
    instant moved_ = 0;
    instant owed_ = 0; // ns
};

// A response whose socket is full. Bytes count when the client's side has taken them, not when the kernel
// has: a kernel's buffer hides minutes of a slow reader, whose writability comes in large steps.
class delivery {
public:
    using verdict = pace::verdict;

    // The socket takes no more; it has taken `total` bytes of the exchange so far, `queued` of which it
    // still holds.
    void blocked(instant now, std::uint64_t total, std::uint64_t queued, const pace_bounds& bounds) noexcept {
        if (blocked_) {
            const auto taken = total - total_;
            if (taken > 0) pace_.moved(now, taken > counted_ ? taken - counted_ : 0, bounds);
        } else {
            pace_.wait(now);
        }
        blocked_ = began_ = true;
        total_ = total;
        queued_ = queued;
        counted_ = 0;
    }
    bool is_blocked() const noexcept { return blocked_; }
    bool began() const noexcept { return began_; }
    // All went out.
    void flows(instant now) noexcept {
        blocked_ = false;
        pace_.rest(now);
    }
    void reset() noexcept { *this = {}; }

    instant left(instant now, const pace_bounds& bounds) const noexcept { return pace_.left(now, bounds); }
    // The time is up; the socket now holds `queued`.
    verdict look(instant now, std::uint64_t queued, const pace_bounds& bounds) noexcept {
        if (queued < queued_) {
            pace_.moved(now, queued_ - queued, bounds);
            counted_ += queued_ - queued;
        }
        queued_ = queued;
        return pace_.judge(now, bounds);
    }

private:
    pace pace_;
    std::uint64_t total_ = 0, queued_ = 0;
    std::uint64_t counted_ = 0; // seen to leave the kernel's buffer since it was full
    bool blocked_ = false, began_ = false;
};

} // namespace adit::policy
