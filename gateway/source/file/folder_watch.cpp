#include "source/file/folder_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace adit::source {

namespace {

using boost::system::error_code;
using clock = std::chrono::steady_clock;

constexpr std::uint32_t folder_events = IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                        IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

// Handlers hold it alive; stop() makes them return.
class folder_watch::session : public std::enable_shared_from_this<session> {
public:
    session(boost::asio::io_context& io, folder_watch_hooks hooks, watch_settings settings)
        : hooks_(std::move(hooks)), settings_(settings), events_(io), quiet_(io), poll_(io) {}

    void start() {
        if (const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); fd >= 0) {
            error_code refused;
            events_.assign(fd, refused);
            if (refused) ::close(fd);
        }
        listen();
        await_events();
        await_poll();
    }

    void stop() {
        stopped_ = true;
        hooks_ = {};
        error_code ignored;
        if (events_.is_open()) events_.close(ignored);
        quiet_.cancel();
        poll_.cancel();
    }

private:
    // Adding a watch again is how one that was lost with its folder comes back; for one that stands it
    // changes nothing.
    void listen() {
        const auto folders = hooks_.folders();
        if (!events_.is_open()) return;
        std::vector<int> standing;
        for (const auto& one : folders)
            if (const int id = ::inotify_add_watch(events_.native_handle(), one.c_str(), folder_events);
                id >= 0)
                standing.push_back(id);
        for (const int id : watches_)
            if (std::find(standing.begin(), standing.end(), id) == standing.end())
                ::inotify_rm_watch(events_.native_handle(), id);
        watches_ = std::move(standing);
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
                note(event.mask, {name, event.len ? ::strnlen(name, event.len) : 0});
                at += sizeof event + event.len;
            }
        }
    }

    void note(std::uint32_t mask, std::string_view name) {
        const bool folder = (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_Q_OVERFLOW)) != 0;
        if (hooks_.matters && !hooks_.matters(mask, name) && !folder) return;
        const auto now = clock::now();
        if (!pending_since_) pending_since_ = now;
        quiet_.expires_at(std::min(now + settings_.quiet, *pending_since_ + settings_.patience));
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
        listen();
        const auto look = hooks_.look; // it may destroy the watch, and with it the hooks
        look();
    }

    folder_watch_hooks hooks_;
    watch_settings settings_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer quiet_, poll_;
    std::vector<int> watches_;
    std::optional<clock::time_point> pending_since_;
    bool stopped_ = false;
};

folder_watch::folder_watch(boost::asio::io_context& io, folder_watch_hooks hooks, watch_settings settings)
    : session_(std::make_shared<session>(io, std::move(hooks), settings)) {
    session_->start();
}

folder_watch::~folder_watch() {
    session_->stop();
}

} // namespace adit::source
