// What stat(2) says of a file: equal where the content is most likely equal.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>

namespace adit::source {

struct trace {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;                        // bytes; -1: no such file
    std::int64_t modified = 0, changed = 0; // ns

    bool operator==(const trace&) const = default;
};

// Of what stands at the end of all links; nothing (size -1) unless it is a regular file.
trace trace_of(const std::filesystem::path& file);

} // namespace adit::source
