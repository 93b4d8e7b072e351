// One item of `routes` → model::route.
#pragma once

#include "model/route.hpp"
#include "source/file/value.hpp"

#include <optional>
#include <string_view>

namespace adit::source {

// What cannot be read is complained of and keeps its default.
model::route read_route(const value& from);
// The parts that are written, over what `into` has: of a route all but its name, what it matches and its
// tracks, of a track all but its endpoints. The others are complained of.
void read_route_part(const value& from, model::route& into);
void read_track_part(const value& from, model::track& into);
// One item of `force`. Where `track` is given it is that one's, and the rule names none.
std::optional<model::force_rule> read_force(const value& from, std::string_view track = {});
model::colour read_colour(const value& from);

} // namespace adit::source
