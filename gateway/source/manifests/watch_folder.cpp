#include "source/manifests/watch_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace adit::source {

namespace {

namespace fs = std::filesystem;
using boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr std::uint32_t events = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

// Handlers hold it alive; stop() makes them return.
class folder_watch::session : public std::enable_shared_from_this<session> {
public:
    session(
        boost::asio::io_context& io, fs::path folder, std::function<void()> look,
        folder_watch_settings settings
    )
        : folder_(std::move(folder)),
          look_(std::move(look)),
          settings_(settings),
          events_(io),
          quiet_(io),
          beat_(io) {}

    void start() {
        if (const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); fd >= 0) {
            error_code refused;
            events_.assign(fd, refused);
            if (refused) ::close(fd);
        }
        watch_folders();
        await_events();
        await_beat();
    }

    void stop() {
        stopped_ = true;
        look_ = nullptr;
        error_code ignored;
        if (events_.is_open()) events_.close(ignored);
        quiet_.cancel();
        beat_.cancel();
    }

private:
    // Adding a watch again is how one that was lost with its folder comes back.
    void watch_folders() {
        if (!events_.is_open()) return;
        for (const auto& one : {folder_, folder_ / "..data"})
            static_cast<void>(::inotify_add_watch(events_.native_handle(), one.c_str(), events));
    }

    void await_events() {
        if (!events_.is_open()) return;
        events_.async_wait(
            boost::asio::posix::stream_descriptor::wait_read,
            [self = shared_from_this()](error_code error) {
                if (error || self->stopped_) return;
                self->hear();
                self->await_events();
            }
        );
    }

    // Events only say when to look; what has happened is seen by looking.
    void hear() {
        alignas(inotify_event) std::array<char, 16 * 1024> buffer;
        for (;;) {
            const auto got = ::read(events_.native_handle(), buffer.data(), buffer.size());
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
        }
        const auto now = clock::now();
        if (!pending_since_) pending_since_ = now;
        quiet_.expires_at(std::min(now + settings_.quiet, *pending_since_ + settings_.patience));
        quiet_.async_wait([self = shared_from_this()](error_code error) {
            if (!error && !self->stopped_) self->look();
        });
    }

    void await_beat() {
        beat_.expires_after(settings_.beat);
        beat_.async_wait([self = shared_from_this()](error_code error) {
            if (error || self->stopped_) return;
            if (!self->pending_since_) self->look();
            if (!self->stopped_) self->await_beat();
        });
    }

    void look() {
        pending_since_.reset();
        watch_folders();
        const auto look = look_; // it may destroy the watch, and with it look_
        look();
    }

    fs::path folder_;
    std::function<void()> look_;
    folder_watch_settings settings_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer quiet_, beat_;
    std::optional<clock::time_point> pending_since_;
    bool stopped_ = false;
};

folder_watch::folder_watch(
    boost::asio::io_context& io, fs::path folder, std::function<void()> look, folder_watch_settings settings
)
    : session_(std::make_shared<session>(io, std::move(folder), std::move(look), settings)) {
    session_->start();
}

folder_watch::~folder_watch() {
    session_->stop();
}

} // namespace adit::source
