// The one place that says whether a wish makes sense, wherever it came from.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

// What is wrong with a regular expression; nullopt = nothing. Patterns are compiled in rooms that model/ does
// not know.
using pattern_checker = std::function<std::optional<std::string>(std::string_view pattern)>;

// Everything that is wrong, not only the first thing; in the order of the gateway's parts. Every complaint
// has a key
// ("routes[2].tracks.canary.weight") and the place of the smallest part around it that knows its own.
complaints validate(const gateway& wish, const pattern_checker& check_pattern = {});

} // namespace adit::model
