// Why a request got its track, told by the steps that production takes.
#pragma once

#include "canary/choose.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adit::canary {

struct rule_line {
    enum class outcome { matched, missed, not_reached };

    std::string rule;  // `header X-Next is "gold"`
    std::string track; // where it sends
    outcome what = outcome::not_reached;
    std::string found; // `X-Next: silver`, `no such header`
};

struct weight_line {
    std::string track;
    std::uint32_t weight = 0; // of `total`
    std::uint32_t total = 0;
    std::uint32_t buckets = 0;
    std::string range; // "0-1249", "9500-9999", "the rest"; empty = none
};

struct track_story {
    std::vector<rule_line> force;
    std::string colour; // one sentence
    std::string pin;    // one sentence, empty where no cookie pins tracks
    std::string cohort; // one sentence: the key, where it came from, its bucket
    std::string dice;   // one sentence, empty where none was thrown
    std::vector<weight_line> weights;
    bool killed = false;
    choice made;
    std::string track;
    std::string why; // one sentence that sums it up
};

std::string_view to_text(rule_line::outcome what) noexcept;

// `route` is what `by` was compiled from. Throws dice from `random` as choose() would.
track_story explain(
    const chooser& by, const model::route& route, const http::request_head& head, const ip_address& peer,
    const cuts& now, random_source& random
);

} // namespace adit::canary
