#include "observe/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace adit::observe {

namespace {

std::optional<std::uint64_t> open_files() {
    DIR* directory = opendir("/proc/self/fd");
    if (directory == nullptr) return std::nullopt;
    std::uint64_t count = 0;
    while (const auto* entry = readdir(directory)) count += entry->d_name[0] != '.';
    closedir(directory);
    return count > 0 ? count - 1 : 0; // one is the directory itself
}

} // namespace

std::optional<std::uint64_t> resident_bytes() {
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    char buffer[256];
    const auto got = read(file, buffer, sizeof buffer);
    close(file);
    if (got <= 0) return std::nullopt;
    const std::string_view text(
        buffer, static_cast<std::size_t>(got)
    ); // "size resident shared …" in pages, proc(5)
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    std::uint64_t pages = 0;
    const auto parsed = std::from_chars(text.data() + space + 1, text.data() + text.size(), pages);
    if (parsed.ec != std::errc{}) return std::nullopt;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

process_figures read_process_figures() {
    process_figures out;
    out.resident_bytes = resident_bytes();
    out.open_files = open_files();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        out.max_files = limit.rlim_cur;
    timespec spent{};
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent) == 0)
        out.cpu_seconds = static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
    return out;
}

} // namespace adit::observe
