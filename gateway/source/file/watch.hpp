// Tells when the content of a file has changed: inotify on the folders around it, and a slow look at the file
// itself where inotify says nothing (network file systems, folders that come and go). Control thread only.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace adit::source {

struct watch_settings {
    std::chrono::milliseconds quiet{100};      // without a further event before the file is looked at
    std::chrono::milliseconds patience{1'000}; // but not later than so long after the first event
    std::chrono::milliseconds poll{2'000};     // between two looks without any event
};

class watch {
public:
    // `changed` runs on `io` whenever the bytes behind `file` (through symbolic links) differ from those last
    // told of, or the file has gone or come back. What it holds at construction is taken as known. `changed`
    // may destroy the watch. Throws nothing: without inotify the slow look remains.
    watch(
        boost::asio::io_context& io, std::filesystem::path file, std::function<void()> changed,
        watch_settings settings = {}
    );
    // After this `changed` is not called any more.
    ~watch();
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;

private:
    class session;
    std::shared_ptr<session> session_;
};

} // namespace adit::source
