// A YAML file → model::gateway, with the file, line, column and key of everything that is wrong with it.
#pragma once

#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "model/validate.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace adit::source {

inline constexpr std::size_t max_file_size = 16 * 1024 * 1024; // bytes
inline constexpr std::size_t max_file_problems = 100;          // complaints told of one file

struct reading {
    std::optional<model::gateway> gateway; // only if no problem is an error; validate() has passed it
    complaints problems;                   // in the order of the file
};

// Never throws for what the text says. `file` is the name that complaints carry.
reading read_text(std::string_view text, std::string file, const model::pattern_checker& check_pattern = {});
// A file that cannot be read is a problem like any other.
reading read_file(const std::filesystem::path& file, const model::pattern_checker& check_pattern = {});

} // namespace adit::source
