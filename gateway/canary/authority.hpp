// Whose weight counts: the kill switch, then an active release, then an override, then what is declared.
// State without I/O; the control thread owns it, posts the changes to the workers and keeps what save()
// gives.
#pragma once

#include "canary/cuts.hpp"
#include "model/route.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::canary {

using weight_map = std::map<std::string, model::weight, std::less<>>; // by track, stable left out
using wall_time = std::chrono::system_clock::time_point;

// Who did something, and when.
struct deed {
    std::string by;
    wall_time at{};

    bool operator==(const deed&) const = default;
};

struct weight_override {
    std::string route;
    weight_map weights;  // of every track but stable
    weight_map declared; // what it overrides; it ends when that changes
    deed done;

    bool operator==(const weight_override&) const = default;
};

// All routes, or those named.
struct kill_order {
    bool everything = false;
    std::map<std::string, deed, std::less<>> routes;
    deed done; // of `everything`

    bool empty() const { return !everything && routes.empty(); }
    bool operator==(const kill_order&) const = default;
};

// What outlives the process.
struct authority_state {
    std::uint64_t generation = 0;
    std::vector<weight_override> overrides;
    kill_order kill;

    bool operator==(const authority_state&) const = default;
};

enum class layer : std::uint8_t { declared, override_, release };
std::string_view to_text(layer from) noexcept; // "declared", "override", "release"

struct effective_weights {
    weight_map weights; // in force but for the kill switch
    weight_map declared;
    layer from = layer::declared;
    bool killed = false;
    std::uint64_t generation = 0;
    std::string release;                        // name of the active one
    const weight_override* override_ = nullptr; // until the next change
};

enum class refusal : std::uint8_t {
    unknown_route,
    unknown_track,
    stable_track,
    sum_over_100,
    stale_generation,
    release_active,
    killed_everywhere
};
std::string_view to_text(refusal why) noexcept; // "unknown-route" …

// A track that takes a weight.
struct route_track {
    std::string route, track;
};

// New cuts of a route.
struct cuts_change {
    std::string route;
    canary::cuts cuts;
};

struct outcome {
    std::optional<refusal> refused;
    std::string message;              // why refused, with a hint
    std::string route;                // which of several was refused
    std::vector<cuts_change> changes; // to be taken by every worker in one message
    std::vector<std::string> ended;   // routes whose override ended with this

    explicit operator bool() const { return !refused; }
};

class authority {
public:
    // Generations count up from there; give the clock's seconds where nothing is restored, so that a
    // generation that a caller remembers from an earlier run is stale.
    explicit authority(std::uint64_t first_generation = 1) : generation_(first_generation) {}

    // Routes that are new, or others than they were, and those that are gone. Overrides of routes that are
    // gone, or whose declared weights are others, end; so do those whose tracks come from other Ingresses
    // than they did. Changes: every route whose cuts are new or differ.
    outcome declare(std::span<const model::route* const> routes, std::span<const std::string> gone);
    // There is no route but these.
    outcome set_declared(std::span<const model::route> routes);
    // Everything has been declared once: what was restored for others ends.
    outcome settle();

    // Tracks not named keep the weight in force. `if_match`: the generation the caller saw.
    outcome set_override(
        std::string_view route, const weight_map& weights, std::optional<std::uint64_t> if_match, deed done
    );
    outcome clear_override(std::string_view route, std::optional<std::uint64_t> if_match);
    // The same weight for all of these, in one change: all of them, or none.
    outcome set_overrides(std::span<const route_track> tracks, model::weight weight, const deed& done);
    // They get their declared weights back, others keep theirs; an override that says nothing else ends.
    // All of them, or none.
    outcome clear_overrides(std::span<const route_track> tracks);

    // An empty list means all routes, those added later too.
    outcome kill(std::span<const std::string> routes, const deed& done);
    // An empty list lifts everything. A named route cannot be lifted while all are killed.
    outcome unkill(std::span<const std::string> routes);

    // The weights of a release that is Progressing or Paused. An override is laid aside, not ended.
    outcome set_release(std::string_view route, std::string_view release, const weight_map& weights);
    outcome end_release(std::string_view route);

    std::optional<effective_weights> effective(std::string_view route) const;
    std::optional<canary::cuts> cuts_of(std::string_view route) const;
    const kill_order& killed() const { return kill_; }

    authority_state save() const;
    // Before or after set_declared(). Overrides whose declared weights are others by then do not come back.
    outcome restore(const authority_state& state);

private:
    struct held {
        std::vector<std::string> tracks;    // in order, without stable
        std::vector<std::string> ingresses; // that these come from; empty texts where a file says so
        weight_map declared;
        canary::cuts declared_cuts; // the same to the last part, where a route counts in parts of its own
        std::optional<weight_override> override_;
        std::string release;
        weight_map release_weights;
        canary::cuts cuts;
    };
    void declare_one(const model::route& route, outcome& out);
    using routes_by_name = std::map<std::string, held, std::less<>>;

    static const weight_map& in_force(const held& one);
    bool is_killed(std::string_view route) const;
    // Makes the cuts anew; adds a change where they differ or `always`.
    void refresh(const std::string& name, held& one, outcome& out, bool always = false);
    static outcome check_override(const held& one, const weight_map& wanted, weight_map& merged);
    void put_override(const std::string& name, held& one, weight_map weights, deed done, outcome& out);
    // `merged`: what is in force, with `wanted` over it.
    static outcome merge_weights(const held& one, const weight_map& wanted, weight_map& merged);
    outcome refresh_all();
    outcome refuse_route(std::string_view route) const;

    std::uint64_t generation_;
    routes_by_name routes_;
    std::map<std::string, weight_override, std::less<>> waiting_; // restored before anything was declared
    kill_order kill_;
};

} // namespace adit::canary
