// Where lines of the access log go: a file, or the standard output.
#pragma once

#include "observe/counter.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace adit::observe {

// Counters of what became of lines. One thread writes, any may read.
struct log_counters {
    counter lines;      // written, or about to be
    counter lost;       // not written: the output took none for so long that there was no room left
    counter failures;   // attempts to write that failed
    counter reopenings; // of the file, as asked for
};

// Made by open() on one thread, then used by one other. A write that fails, or a pipe that nobody reads, ends
// nothing and holds up nobody: lines are kept up to `most_kept` bytes and tried again at every flush().
class log_output {
public:
    static constexpr std::size_t most_kept = 1024 * 1024; // bytes

    // Null with the reason where it cannot be opened for appending. A new file gets mode 0640.
    static std::unique_ptr<log_output> open(const std::string& path, std::string& error);
    ~log_output();
    log_output(const log_output&) = delete;
    log_output& operator=(const log_output&) = delete;

    const std::string& path() const noexcept { return path_; }

    // To append one whole line to; it goes out with a later flush(). Null where no more can be kept: the line
    // is lost, and counted.
    std::string* line(log_counters& counters);
    std::size_t kept() const noexcept { return kept_.size() - at_; }
    // Writes what goes without waiting. True when nothing is left.
    bool flush(log_counters& counters);
    // Opens the path anew, after a rotation; true also where there is nothing to open. Until it succeeds
    // lines go where they went before.
    bool reopen(log_counters& counters);
    // The last lines, for at most so long; what is left then is lost, and told.
    void finish(log_counters& counters, std::chrono::milliseconds at_most);

private:
    log_output(std::string path, int descriptor);

    std::string_view next_piece() const noexcept;
    void failed(int error, log_counters& counters);
    void wrote(std::size_t size);

    const std::string path_;
    int descriptor_;
    bool regular_ = false;
    bool failing_ = false, cannot_reopen_ = false;
    bool within_line_ = false; // the last byte written did not end a line
    std::uint64_t lost_ = 0;   // since it began to fail
    std::string kept_;
    std::size_t at_ = 0; // in kept_: what comes before has been written
};

} // namespace adit::observe
