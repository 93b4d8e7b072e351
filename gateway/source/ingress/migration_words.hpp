// What values of annotations and keys tell beyond known_annotations() and known_keys().
#pragma once

#include "source/ingress/migration.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace adit::source::ingress {

// The value of another annotation or key of the same object; nullopt where there is none.
using other_value = std::function<std::optional<std::string_view>(std::string_view name)>;

// By name, without the prefix. `what`, `value` and `at` are the caller's to fill.
migration_finding judge_annotation(std::string_view name, std::string_view value, const other_value& others);
migration_finding judge_key(std::string_view name, std::string_view value, const other_value& others);

// What a warning about an annotation means that counts as supported up to some limit; nullopt for others.
std::optional<verdict> beyond_limit(std::string_view annotation);

} // namespace adit::source::ingress
