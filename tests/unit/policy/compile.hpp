// Routes with policies, and what compiling them says.
#pragma once

#include "policy/route_policy.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace adit::policy {

inline model::route make_route(model::path_match path = {}) {
    model::route out;
    out.name = "shop";
    out.match.path = std::move(path);
    out.tracks.resize(1);
    out.tracks[0].name = "stable";
    return out;
}

inline std::unique_ptr<const route_policy> must_compile(const model::route& wish) {
    complaints found;
    auto out = compile(wish, {}, found);
    for (const auto& one : found) ADD_FAILURE() << to_text(one);
    return out;
}

// The one complaint as "key: message".
inline std::string complaint_of(const model::route& wish) {
    complaints found;
    if (compile(wish, {}, found)) return "compiles";
    if (found.size() != 1) return std::to_string(found.size()) + " complaints";
    return found[0].key + ": " + found[0].message;
}

// What a function writes, given a writer.
template <class Write>
std::string written(Write&& write) {
    char room[8192];
    http::writer out{room, sizeof room};
    write(out);
    EXPECT_FALSE(out.overflowed());
    return std::string(out.text());
}

} // namespace adit::policy
