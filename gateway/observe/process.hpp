// What the kernel knows of this process, for the usual process_* metrics.
#pragma once

#include <cstdint>
#include <optional>

namespace adit::observe {

// Absent where the kernel does not tell (no /proc).
struct process_figures {
    std::optional<std::uint64_t> resident_bytes;
    std::optional<std::uint64_t> open_files;
    std::optional<std::uint64_t> max_files;
    std::optional<double> cpu_seconds; // user and system
};

process_figures read_process_figures();
// Alone, which is cheap enough to be asked ten times a second.
std::optional<std::uint64_t> resident_bytes();

} // namespace adit::observe
