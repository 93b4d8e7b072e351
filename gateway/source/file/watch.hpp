// Tells when the content of a file has changed, through whatever links lead to it. Control thread only.
#pragma once

#include "source/file/folder_watch.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace adit::source {

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
    class state;
    std::unique_ptr<state> state_;
};

} // namespace adit::source
