// Says when to look at a folder again: inotify on it and on the folder that its `..data` leads to, and a slow
// beat for file systems where inotify says nothing. Control thread only.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace adit::source {

struct folder_watch_settings {
    std::chrono::milliseconds quiet{20};     // without a further event before the folder is looked at
    std::chrono::milliseconds patience{200}; // but not later than so long after the first event
    std::chrono::milliseconds beat{700};     // between two looks without any event
};

class folder_watch {
public:
    // `look` runs on `io`, after events and with each beat; it finds out by itself whether anything has
    // changed. It may destroy the watch. Throws nothing: without inotify the beat remains.
    folder_watch(
        boost::asio::io_context& io, std::filesystem::path folder, std::function<void()> look,
        folder_watch_settings settings = {}
    );
    // After this `look` is not called any more.
    ~folder_watch();
    folder_watch(const folder_watch&) = delete;
    folder_watch& operator=(const folder_watch&) = delete;

private:
    class session;
    std::shared_ptr<session> session_;
};

} // namespace adit::source
