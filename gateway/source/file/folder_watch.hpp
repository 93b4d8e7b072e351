// Says when to look at folders again: inotify on them, gathered over a quiet moment, and a slow beat for file
// systems where inotify says nothing and folders that come and go. What has changed is seen by looking.
// Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace adit::source {

struct watch_settings {
    std::chrono::milliseconds quiet{100};      // without a further event before looking
    std::chrono::milliseconds patience{1'000}; // but not later than so long after the first event
    std::chrono::milliseconds poll{2'000};     // between two looks without any event
};

struct folder_watch_hooks {
    // The folders to listen at; asked anew before each look.
    std::function<std::vector<std::filesystem::path>()> folders;
    // Whether an event (inotify(7): its mask, and the name within the folder or nothing) is worth a look;
    // empty: each.
    std::function<bool(std::uint32_t mask, std::string_view name)> matters;
    // May destroy the watch.
    std::function<void()> look;
};

class folder_watch {
public:
    // The hooks run on `io`, `folders` in the constructor as well. Throws nothing: without inotify the beat
    // remains.
    folder_watch(boost::asio::io_context& io, folder_watch_hooks hooks, watch_settings settings = {});
    // After this no hook is called any more.
    ~folder_watch();
    folder_watch(const folder_watch&) = delete;
    folder_watch& operator=(const folder_watch&) = delete;

private:
    class session;
    std::shared_ptr<session> session_;
};

} // namespace adit::source
