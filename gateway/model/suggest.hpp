// "Did you mean": the known word nearest to one that is not known.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace adit::model {

// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b` (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);
// nullopt where nothing is near enough to be meant. Case, '-' and '_' do not count.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> known);

} // namespace adit::model
