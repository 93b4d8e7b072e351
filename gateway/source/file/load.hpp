// The bytes of a small file.
#pragma once

#include "model/fault.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace adit::source {

// A regular file, or a pipe or device up to its end. Larger than `most` bytes, or a folder: nullopt.
std::optional<std::string>
load(const std::filesystem::path& file, std::size_t most, model::fault* why = nullptr);
// The same for regular files only: never waits for another process.
std::optional<std::string>
load_regular(const std::filesystem::path& file, std::size_t most, model::fault* why = nullptr);

} // namespace adit::source
