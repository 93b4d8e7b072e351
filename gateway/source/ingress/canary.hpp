// The canary annotations of one Ingress, and what they come to on a route.
#pragma once

#include "model/route.hpp"
#include "source/ingress/annotations.hpp"
#include "source/ingress/options.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace adit::source::ingress {

// The chance of a request to be drawn: `part` of `total`.
struct share {
    std::uint32_t part = 0;
    std::uint32_t total = 100;

    bool operator==(const share&) const = default;
};

struct canary_wish {
    bool enabled = false;
    bool switched_off = false; // it speaks of canaries, but is none: an ordinary Ingress
    share weight;
    // Empty = not asked for. Of value and pattern the value rules.
    std::string header, header_value, header_pattern, cookie;
    bool legacy_affinity = false; // affinity-canary-behavior
    // Of Adit's own annotations; the rules come first. Names of tracks are set by whoever makes the route.
    std::vector<model::force_rule> rules;
    model::track track; // its headers

    bool forces() const { return !header.empty() || !cookie.empty(); }
};

// Warns of values that are ignored, as ingress-nginx ignores them.
canary_wish read_canary(const annotation_reader& from, const options& by);

// The rules that send requests to `track` whatever the weights, or keep them from it, in ingress-nginx's
// order. `ingress`: whose wish it is.
void add_force_rules(
    const canary_wish& of, const std::string& track, const std::string& ingress,
    std::vector<model::force_rule>& out
);

// Weights of all tracks of `to` but stable, in their order. What goes beyond the whole is cut off from the
// last; false where that was necessary.
bool set_weights(std::span<const share> wished, model::route& to);

} // namespace adit::source::ingress
