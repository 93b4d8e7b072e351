#include "observe/log_output.hpp"

#include "core/log.hpp"
#include "model/access_log.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace adit::observe {

namespace {

constexpr mode_t file_mode = 0640; // lines tell who asked for what
constexpr std::size_t piece = 256 * 1024;
constexpr std::size_t usual_kept =
    128 * 1024; // what lines take where the output keeps up, however late a look comes

// -1 with errno. A pipe without a reader is an error rather than a wait.
int open_for_appending(const std::string& path) noexcept {
    return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, file_mode);
}

bool is_regular(int descriptor) noexcept {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

bool takes_more(int descriptor, int milliseconds) noexcept {
    pollfd watched{descriptor, POLLOUT, 0};
    return ::poll(&watched, 1, milliseconds) > 0;
}

} // namespace

std::unique_ptr<log_output> log_output::open(const std::string& path, std::string& error) {
    const bool standard = path == model::access_log::standard_output;
    const int descriptor = standard ? STDOUT_FILENO : open_for_appending(path);
    if (descriptor < 0) {
        error = std::strerror(errno);
        return nullptr;
    }
    return std::unique_ptr<log_output>(new log_output(path, descriptor));
}

log_output::log_output(std::string path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor), regular_(is_regular(descriptor)) {
    kept_.reserve(usual_kept);
}

log_output::~log_output() {
    if (descriptor_ != STDOUT_FILENO) ::close(descriptor_);
}

std::string* log_output::line(log_counters& counters) {
    if (at_ > most_kept / 2) kept_.erase(0, std::exchange(at_, 0));
    if (kept_.size() >= most_kept) {
        counters.lost.add();
        ++lost_;
        return nullptr;
    }
    counters.lines.add();
    return &kept_;
}

// A pipe that takes anything takes PIPE_BUF bytes at once (pipe(7)); whole lines where they are shorter.
std::string_view log_output::next_piece() const noexcept {
    const auto all = std::string_view(kept_).substr(at_);
    if (regular_ || all.size() <= PIPE_BUF) return all.substr(0, piece);
    const auto end = all.rfind('\n', PIPE_BUF - 1);
    return all.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

bool log_output::flush(log_counters& counters) {
    while (kept() > 0) {
        if (!regular_ && !takes_more(descriptor_, 0)) return false;
        const auto next = next_piece();
        const auto put = ::write(descriptor_, next.data(), next.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            if (errno != EAGAIN) failed(errno, counters);
            return false;
        }
        wrote(static_cast<std::size_t>(put));
    }
    return true;
}

void log_output::wrote(std::size_t size) {
    if (size == 0) return;
    at_ += size;
    within_line_ = kept_[at_ - 1] != '\n';
    if (at_ == kept_.size()) {
        kept_.clear();
        at_ = 0;
    }
    if (!std::exchange(failing_, false)) return;
    log_warning("access log is written again", {{"path", path_}, {"lines_lost", std::exchange(lost_, 0)}});
}

void log_output::failed(int error, log_counters& counters) {
    counters.failures.add();
    if (std::exchange(failing_, true)) return;
    lost_ = 0;
    log_error(
        "access log cannot be written; lines are kept while there is room, and tried again",
        {{"path", path_}, {"error", std::strerror(error)}}
    );
}

bool log_output::reopen(log_counters& counters) {
    if (path_ == model::access_log::standard_output) return true;
    flush(counters);
    const int next = open_for_appending(path_);
    if (next < 0) {
        if (!std::exchange(cannot_reopen_, true))
            log_error(
                "access log cannot be opened again; the file that was open stays, and it is tried again",
                {{"path", path_}, {"error", std::strerror(errno)}}
            );
        return false;
    }
    if (within_line_) { // its beginning stays behind
        at_ = kept_.find('\n', at_) + 1;
        counters.lost.add();
        within_line_ = false;
    }
    ::close(std::exchange(descriptor_, next));
    regular_ = is_regular(next);
    cannot_reopen_ = false;
    counters.reopenings.add();
    log_info("access log opened again", {{"path", path_}});
    return true;
}

void log_output::finish(log_counters& counters, std::chrono::milliseconds at_most) {
    const auto until = std::chrono::steady_clock::now() + at_most;
    while (!flush(counters)) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (failing_ || left.count() <= 0 || !takes_more(descriptor_, static_cast<int>(left.count()))) break;
    }
    const auto lines = static_cast<std::uint64_t>(
        std::count(kept_.begin() + static_cast<std::ptrdiff_t>(at_), kept_.end(), '\n')
    );
    if (lines == 0) return;
    counters.lost.add(lines);
    kept_.clear();
    at_ = 0;
    log_error("access log ends without its last lines", {{"path", path_}, {"lines", lines}});
}

} // namespace adit::observe
