// One endpoint of one track as one worker sees it.
#pragma once

#include "upstream/balance_plan.hpp"
#include "upstream/endpoint_entry.hpp"
#include "upstream/peak_ewma.hpp"
#include "upstream/pool.hpp"
#include "upstream/ring.hpp"
#include "upstream/slow_start.hpp"

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace adit::upstream {

// Belongs to one worker, which counts references without an atomic operation: the track's set holds one, and
// so does each exchange that has chosen it. It keeps its pool until the set has retired it: an address that
// no set names any more has no pool, and idle connections to it are closed.
class endpoint {
public:
    endpoint(pool& home, const endpoint_entry& from, const balance_plan& plan)
        : home_(home), text_(home.text()), mark_(hash_key(text_)), entry_(from), plan_(plan) {
        home_.keep();
    }
    endpoint(const endpoint&) = delete;
    ~endpoint() { retire(); }

    // The set does not name it any more: what is under way ends, nothing new begins.
    void retire() {
        if (std::exchange(kept_, false)) home_.let_go();
    }

    pool& home() const noexcept { return home_; } // gone, perhaps, once it is retired
    const std::string& text() const noexcept { return text_; }
    // Tells it from other endpoints, on every replica.
    std::uint64_t mark() const noexcept { return mark_; }
    const endpoint_entry& entry() const noexcept { return entry_; }
    endpoint_state* state() const noexcept { return entry_.state.get(); }
    const balance_plan& plan() const noexcept { return plan_; }
    void describe(const endpoint_entry& from, const balance_plan& plan) {
        entry_ = from;
        plan_ = plan;
    }

    bool healthy() const noexcept { return !entry_.state || entry_.state->healthy(); }
    // No new requests, but those who belong there.
    bool winding_down() const noexcept { return !entry_.ready && entry_.serving && entry_.terminating; }

    // Weight times full_share, less for a newcomer.
    std::uint64_t share(instant now) const noexcept {
        return share_of(entry_.weight, entry_.state ? entry_.state->added() : 0, plan_.slow_start, now);
    }
    // Nothing keeps another request from going there now.
    bool has_room() const noexcept {
        if (!plan_.limited() || !entry_.state) return true;
        return (plan_.max_in_flight == 0 || entry_.state->has_place(plan_.max_in_flight)) &&
               (plan_.max_connections == 0 || home_.idle() > 0 ||
                entry_.state->has_connection(plan_.max_connections));
    }
    // Takes the place that has_room() saw; false if another worker was faster. Where holds_places() it is
    // given back by state()->leave_place().
    bool take_place() noexcept;
    bool holds_places() const noexcept { return plan_.max_in_flight != 0 && entry_.state; }

    std::uint32_t in_flight = 0; // attempts of this worker under way
    std::int64_t current = 0;    // of the smooth round robin
    peak_ewma latency;
    bool usable = false; // of the set's best tier

private:
    friend void intrusive_ptr_add_ref(endpoint* one) noexcept { ++one->references_; }
    friend void intrusive_ptr_release(endpoint* one) noexcept {
        if (--one->references_ == 0) delete one;
    }

    pool& home_;
    const std::string text_;
    const std::uint64_t mark_;
    bool kept_ = true;
    endpoint_entry entry_;
    balance_plan plan_;
    std::uint32_t references_ = 0;
};

using endpoint_ref = boost::intrusive_ptr<endpoint>;

} // namespace adit::upstream
