#include "source/file/watch.hpp"

#include "source/file/load.hpp"
#include "source/file/read.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace adit::source {

namespace {

namespace fs = std::filesystem;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr std::uint32_t folder_events = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                        IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

// What stat(2) says of the file at the end of all links; equal where the content is most likely equal.
struct trace {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    std::int64_t modified = 0, changed = 0; // ns

    bool operator==(const trace&) const = default;
};

std::int64_t nanoseconds(const timespec& t) {
    return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

trace trace_of(const fs::path& file) {
    struct stat about {};
    if (::stat(file.c_str(), &about) != 0) return {};
    return {
        about.st_dev, about.st_ino, about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
}

using digest = std::array<std::uint64_t, 2>;

// nullopt: no file there, or none that can be read.
std::optional<digest> digest_of(const fs::path& file) {
    const auto bytes = load_regular(file, max_file_size);
    if (!bytes) return std::nullopt;
    const auto hash = XXH3_128bits(bytes->data(), bytes->size());
    return digest{hash.low64, hash.high64};
}

fs::path folder_of(const fs::path& file) {
    const auto parent = file.parent_path();
    return parent.empty() ? fs::path(".") : parent;
}

} // namespace

// Handlers hold it alive; stop() makes them return.
class watch::session : public std::enable_shared_from_this<session> {
public:
    session(
        boost::asio::io_context& io, fs::path file, std::function<void()> changed, watch_settings settings
    )
        : file_(std::move(file)),
          changed_(std::move(changed)),
          settings_(settings),
          events_(io),
          quiet_(io),
          poll_(io) {}

    void start() {
        if (const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); fd >= 0) {
            error_code refused;
            events_.assign(fd, refused);
            if (refused) ::close(fd);
        }
        watch_folders(); // before the first look: what changes after it is heard
        known_trace_ = trace_of(file_);
        known_ = digest_of(file_);
        await_events();
        await_poll();
    }

    void stop() {
        stopped_ = true;
        changed_ = nullptr;
        error_code ignored;
        if (events_.is_open()) events_.close(ignored);
        quiet_.cancel();
        poll_.cancel();
    }

private:
    // The folder of the name, and the folder that its links end in. Adding a watch again is how one that was
    // lost with its folder comes back; for one that stands it changes nothing.
    void watch_folders() {
        if (!events_.is_open()) return;
        std::error_code failed;
        const auto end = fs::canonical(file_, failed);
        std::vector<fs::path> wanted{folder_of(file_)};
        if (!failed && folder_of(end) != wanted[0]) wanted.push_back(folder_of(end));
        std::vector<int> standing;
        for (const auto& one : wanted)
            if (const int id = ::inotify_add_watch(events_.native_handle(), one.c_str(), folder_events);
                id >= 0)
                standing.push_back(id);
        for (const int id : folders_)
            if (std::find(standing.begin(), standing.end(), id) == standing.end())
                ::inotify_rm_watch(events_.native_handle(), id);
        folders_ = std::move(standing);
        names_ = {file_.filename().string(), failed ? std::string{} : end.filename().string(), "..data"};
    }

    void await_events() {
        if (!events_.is_open()) return;
        events_.async_wait(
            boost::asio::posix::stream_descriptor::wait_read,
            [self = shared_from_this()](error_code error) {
                if (error || self->stopped_) return;
                self->drain_events();
                self->await_events();
            }
        );
    }

    // Events only say when to look; what has happened is seen by looking.
    void drain_events() {
        alignas(inotify_event) std::array<char, 16 * 1024> buffer;
        for (;;) {
            const auto got = ::read(events_.native_handle(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return;
            for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
                inotify_event event;
                std::memcpy(&event, buffer.data() + at, sizeof event);
                const char* name = buffer.data() + at + sizeof event;
                const std::string_view named(name, event.len ? ::strnlen(name, event.len) : 0);
                note(event.mask, named);
                at += sizeof event + event.len;
            }
        }
    }

    void note(std::uint32_t mask, std::string_view name) {
        const bool ours = std::find(names_.begin(), names_.end(), name) != names_.end();
        const bool folder = (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_Q_OVERFLOW)) != 0;
        // Other links may lie on the way to the file: they change what stat says of it.
        if (!ours && !folder && trace_of(file_) == known_trace_) return;
        must_read_ = true;
        const auto now = clock::now();
        if (!pending_since_) pending_since_ = now;
        const auto latest = *pending_since_ + settings_.patience;
        quiet_.expires_at(std::min(now + settings_.quiet, latest));
        quiet_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && !self->stopped_) self->look();
        });
    }

    void await_poll() {
        poll_.expires_after(settings_.poll);
        poll_.async_wait([self = shared_from_this()](error_code error) {
            if (error || self->stopped_) return;
            if (!self->pending_since_) self->look();
            if (!self->stopped_) self->await_poll();
        });
    }

    void look() {
        pending_since_.reset();
        watch_folders();
        const auto trace = trace_of(file_);
        if (!must_read_ && trace == known_trace_) return;
        must_read_ = false;
        known_trace_ = trace;
        const auto now = digest_of(file_);
        if (now == known_) return;
        known_ = now;
        const auto changed = changed_; // it may destroy the watch, and with it changed_
        changed();
    }

    fs::path file_;
    std::function<void()> changed_;
    watch_settings settings_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer quiet_, poll_;
    std::vector<int> folders_;
    std::array<std::string, 3> names_;
    trace known_trace_;
    std::optional<digest> known_;
    std::optional<clock::time_point> pending_since_;
    bool must_read_ = false;
    bool stopped_ = false;
};

watch::watch(
    boost::asio::io_context& io, std::filesystem::path file, std::function<void()> changed,
    watch_settings settings
)
    : session_(std::make_shared<session>(io, std::move(file), std::move(changed), settings)) {
    session_->start();
}

watch::~watch() {
    session_->stop();
}

} // namespace adit::source
