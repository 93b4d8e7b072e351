// Routes and choosers for the tests of this room.
#pragma once

#include "canary/choose.hpp"
#include "unit/support/request.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adit::canary {

inline model::route
make_route(std::vector<std::pair<std::string, std::uint32_t>> canaries = {{"canary", 0}}) {
    model::route out;
    out.name = "shop";
    out.tracks.resize(1);
    out.tracks[0].name = "stable";
    for (auto& [name, weight] : canaries) {
        out.tracks.emplace_back();
        out.tracks.back().name = std::move(name);
        out.tracks.back().weight = {weight};
    }
    return out;
}

inline model::force_rule rule(
    model::force_rule::subject what, std::string name, model::value_match::kind how, std::string text,
    std::string track
) {
    model::force_rule out;
    out.what = what;
    out.value = {std::move(name), how, std::move(text)};
    out.track = std::move(track);
    return out;
}

inline std::shared_ptr<const cookie_keys> keys(std::vector<unsigned char> first_bytes = {1}) {
    cookie_keys out;
    for (const auto byte : first_bytes) out.keys.push_back({byte});
    return std::make_shared<const cookie_keys>(out);
}

inline chooser compile(
    const model::route& route, const model::colour& colour = {},
    std::shared_ptr<const cookie_keys> signing = keys()
) {
    complaints found;
    auto out = chooser::compile(route, colour, std::move(signing), found);
    EXPECT_TRUE(found.empty()) << to_text(found.front());
    return std::move(out.value());
}

inline const ip_address peer = ip_address::v4({192, 0, 2, 7});

} // namespace adit::canary
