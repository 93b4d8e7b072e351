// Deadlines by the thousand, coarse and cheap: a hashed wheel (Varghese and Lauck 1987) whose entries are
// moved lazily.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <cstddef>

namespace adit {

// A deadline embedded in its owner. Unlinks itself when destroyed.
class timer {
public:
    timer() = default;
    timer(const timer&) = delete;
    ~timer() { unlink(); }

    bool is_set() const noexcept { return deadline_ != 0; }
    instant deadline() const noexcept { return deadline_; }

private:
    friend class timer_wheel;
    void unlink() noexcept {
        if (!next_) return;
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = nullptr;
    }

    timer *next_ = nullptr, *previous_ = nullptr;
    instant deadline_ = 0;  // 0: not set
    instant scheduled_ = 0; // where it hangs in the wheel; never later than the deadline
};

// Fires up to one tick late, never early. Moving a deadline further away is one store: the entry is looked at
// when its old place comes by and hung up again. Not thread safe.
class timer_wheel {
public:
    static constexpr std::size_t slots = 1024;

    timer_wheel(instant now, instant tick) noexcept : tick_(tick), turned_(now / tick) {
        for (auto& head : slots_) head.next_ = head.previous_ = &head;
    }
    timer_wheel(const timer_wheel&) = delete;
    ~timer_wheel() {
        for (auto& head : slots_)
            while (head.next_ != &head) head.next_->unlink();
        for (auto& head : slots_) head.next_ = head.previous_ = nullptr;
    }

    void set(timer& one, instant deadline) noexcept {
        one.deadline_ = deadline;
        if (one.next_ && one.scheduled_ <= deadline) return;
        one.unlink();
        hang(one, deadline);
    }
    // The entry stays where it hangs until that place comes by: no list work on the request path.
    void cancel(timer& one) noexcept { one.deadline_ = 0; }

    // Calls fire(timer&) for every deadline that is not after `now`. Firing may set and cancel any timer, and
    // destroy the one that fired.
    template <class Fire>
    void advance(instant now, Fire&& fire) {
        const auto target = now / tick_;
        // After a pause of more than one turn every slot is walked once, as the last turn before `now`: what
        // is hung up again on the way must find its place counted from there.
        const auto whole_turn = static_cast<instant>(slots);
        if (target - turned_ > whole_turn) turned_ = target - whole_turn;
        while (turned_ < target) turn(++turned_, now, fire);
    }

private:
    void hang(timer& one, instant at) noexcept {
        // A deadline within the tick under way, or past, belongs to the next one: a slot is not walked twice.
        auto index = at / tick_ + 1;
        if (index <= turned_) index = turned_ + 1;
        // What lies beyond one turn of the wheel is looked at again when the wheel has turned.
        if (index > turned_ + static_cast<instant>(slots) - 1)
            index = turned_ + static_cast<instant>(slots) - 1;
        one.scheduled_ = at < index * tick_ ? at : index * tick_;
        auto& head = slots_[static_cast<std::size_t>(index) % slots];
        one.next_ = &head;
        one.previous_ = head.previous_;
        head.previous_->next_ = &one;
        head.previous_ = &one;
    }

    template <class Fire>
    void turn(instant index, instant now, Fire& fire) {
        auto& head = slots_[static_cast<std::size_t>(index) % slots];
        timer due;
        if (head.next_ == &head) return;
        due.next_ = head.next_;
        due.previous_ = head.previous_;
        due.next_->previous_ = due.previous_->next_ = &due;
        head.next_ = head.previous_ = &head;
        while (due.next_ != &due) {
            auto& one = *due.next_;
            one.unlink();
            if (one.deadline_ == 0) continue;
            if (one.deadline_ > now) {
                hang(one, one.deadline_);
                continue;
            }
            one.deadline_ = 0;
            fire(one);
        }
        due.next_ = due.previous_ = nullptr;
    }

    const instant tick_;
    instant turned_; // the last tick that was walked
    std::array<timer, slots> slots_;
};

} // namespace adit
