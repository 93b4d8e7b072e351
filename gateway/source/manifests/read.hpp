// The text of a manifest file → objects. What is wrong with one document says nothing about the next.
#pragma once

#include "source/cluster/decode.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace adit::source {

inline constexpr std::size_t max_manifest_size = 64 * 1024 * 1024; // bytes of one file

// *.yaml, *.yml and *.json that do not begin with a dot.
bool is_manifest_name(std::string_view name);

// YAML or JSON, one or many documents, Lists too. `path` is what complaints call it.
cluster::decoded read_manifest(std::string_view text, const std::string& path);

} // namespace adit::source
