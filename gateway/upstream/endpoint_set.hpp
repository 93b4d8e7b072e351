// The endpoints of one track as one worker sees them, and which of them the next request goes to.
#pragma once

#include "core/random.hpp"
#include "upstream/endpoint.hpp"
#include "upstream/ring.hpp"
#include "upstream/sticky.hpp"
#include "upstream/track_gate.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace adit::upstream {

// What the best endpoints of a set are. Only they are chosen; the track that has better ones is preferred
// where there is a choice of tracks (house decision 6).
enum class tier : std::uint8_t {
    none,         // nothing to send to
    winding_down, // none is ready: those that still serve while they terminate
    unhealthy,    // ready ones, but all of them ejected or failing: better than nobody
    healthy,
};

// Who waits for a place at an endpoint.
class waiter {
public:
    // There may be one now. False: it goes on waiting.
    virtual bool place_free() = 0;

    waiter *before = nullptr, *behind = nullptr; // the set's

protected:
    ~waiter() = default;
};

// Belongs to one worker and shares nothing with others but the states of its endpoints and the gate. Each
// worker begins at a place of its own, so that few requests over many workers do not all go to the first
// endpoint.
class endpoint_set {
public:
    // What a choice goes by.
    struct ask {
        instant now;
        random_source& random;
        std::uint64_t key = 0;                    // by hash
        std::span<const endpoint* const> avoid{}; // passed over as long as there is another
    };
    struct sticky_pick {
        endpoint* to = nullptr;
        bool issue = false; // `value` is to be sent to the client
        sticky_value value{};
    };

    endpoint_set() = default;
    endpoint_set(endpoint_set&&) = default;
    endpoint_set& operator=(endpoint_set&&) = default;

    // Endpoints whose address stays keep what this worker knows of them. `gate`: where the plan has limits.
    void replace(
        pools& from, const endpoint_list& list, const balance_plan& plan, std::shared_ptr<track_gate> gate,
        std::uint32_t begin
    );
    // Somebody's health has changed.
    void refresh();
    void clear();

    upstream::tier tier() const noexcept { return tier_; }
    bool empty() const noexcept { return usable_.empty(); }
    const std::vector<endpoint_ref>& all() const noexcept { return all_; }
    const balance_plan& plan() const noexcept { return plan_; }

    // In turn, all alike, no limits, no cookie: pick_next() is all there is to choose.
    bool plain() const noexcept { return plain_; }
    // nullptr when empty. `avoid` is passed over as long as there is another.
    endpoint* pick_next(const endpoint* avoid = nullptr) noexcept {
        if (usable_.empty()) return nullptr;
        auto* chosen = take();
        if (chosen == avoid) chosen = take();
        return chosen;
    }

    // By the plan. nullptr: there is none, or all are at their limits (then the set is not empty()). A place
    // is taken.
    endpoint* pick(const ask& by) noexcept;
    // The one that the cookie's key belongs to; a null view: there was none. `anew`: do not go by the cookie,
    // the client is to have another.
    sticky_pick pick_sticky(const ask& by, std::string_view key, bool anew) noexcept;

    // The line. Waiters are asked in the order in which they came; one that leaves the line goes by quit().
    track_gate* gate() const noexcept { return gate_.get(); }
    void join(waiter& one) noexcept;
    void quit(waiter& one) noexcept;
    waiter* first_waiting() const noexcept { return first_; }
    // Asks them until one has to go on waiting. Not on an exchange's way, whose buffers they use.
    void serve();
    void close_idle();

private:
    using range = std::span<endpoint* const>;

    endpoint* take() noexcept {
        if (next_ >= usable_.size()) next_ = 0;
        return usable_[next_++];
    }
    void build_ring();
    void arrange_zones();
    range zone_of(const ask& by) const noexcept;
    endpoint* choose(range among, const ask& by, bool avoiding) noexcept;
    endpoint* next_in_turn(range among, const ask& by, bool avoiding) noexcept;
    endpoint* better_of_two(range among, const ask& by, bool avoiding) noexcept;
    endpoint* by_key(const ask& by, bool avoiding, bool stays) const noexcept;
    bool better(const endpoint& a, const endpoint& b, instant now) const noexcept;
    sticky_pick pick_marked(const ask& by, std::string_view key, bool anew) noexcept;
    sticky_pick draw_key(const ask& by) noexcept;

    std::vector<endpoint_ref> all_;  // in the order of the list, each address once
    std::vector<endpoint*> usable_;  // those of the best tier; with prefer_zone the local ones first
    std::size_t local_ = 0;          // how many of them are local
    std::uint32_t local_chance_ = 0; // in 65536: that a request stays in the zone
    std::uint32_t next_ = 0;
    upstream::tier tier_ = upstream::tier::none;
    bool plain_ = true;
    bool serving_ = false;
    balance_plan plan_;
    ring ring_; // over those of all_ that are ready or winding down
    std::vector<std::uint32_t> ring_members_;
    std::shared_ptr<track_gate> gate_;
    waiter *first_ = nullptr, *last_ = nullptr;
};

} // namespace adit::upstream
