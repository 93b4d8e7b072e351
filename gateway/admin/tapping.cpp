// A connection that watches exchanges. Who reads too slowly is shown less, and told how much: neither a
// worker nor the control thread waits for anybody.
#include "admin/connection.hpp"
#include "admin/tap_query.hpp"

#include <utility>

namespace adit::admin {

void connection::start_tap() {
    auto wish = read_tap_query(call_.query);
    if (const auto* bad = std::get_if<problem>(&wish)) return refuse(*bad);
    if (home_->taps >= home_->options.limits.taps)
        return refuse(
            {.status = 503,
             .name = "too-many-streams",
             .title = "Too many readers of exchanges",
             .detail = "there are " + std::to_string(home_->options.limits.taps) + " already"}
        );
    if (!open_stream()) return;
    // The handle of the gateway's goes with the place among the taps.
    ++home_->taps;
    const std::shared_ptr<void> place(nullptr, [home = home_](void*) { --home->taps; });
    auto source = home_->at.gateway.tap(
        std::move(std::get<observe::tap_wish>(wish)),
        [weak = weak_from_this()](const observe::tap_batch& batch) {
            if (const auto self = weak.lock()) self->hear(batch);
        }
    );
    tap_ =
        std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(place, std::move(source));
    pending_ = ":\n\n"; // so that the reader knows that it watches
    write_stream();
    watch_stream();
    beat();
}

void connection::hear(const observe::tap_batch& batch) {
    if (phase_ != phase::streaming || ending_) return;
    observe::tap_batch shown;
    shown.over_rate = std::exchange(missed_.over_rate, 0) + batch.over_rate;
    shown.late = std::exchange(missed_.late, 0) + batch.late;
    shown.unseen = std::exchange(missed_.unseen, 0) + batch.unseen;
    auto size = pending_.size();
    for (const auto& one : batch.exchanges) {
        size += one.size();
        if (size > home_->options.limits.backlog)
            ++shown.late;
        else
            shown.exchanges.push_back(one);
    }
    if (size > home_->options.limits.backlog) { // also for the word about it
        missed_.over_rate = std::exchange(shown.over_rate, 0);
        missed_.late = std::exchange(shown.late, 0);
        missed_.unseen = std::exchange(shown.unseen, 0);
    }
    pending_ += tap_frames(shown);
    if (!writing_) write_stream();
}

// A comment now and then tells both sides that the other is still there, and a reader what it has missed.
void connection::beat() {
    answer_timer_.expires_after(home_->options.limits.heartbeat);
    answer_timer_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
        if (stopped || self->phase_ != phase::streaming || self->ending_) return;
        if (self->pending_.empty()) self->pending_ = ":\n\n";
        self->hear({});
        self->beat();
    });
}

} // namespace adit::admin
