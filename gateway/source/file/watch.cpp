#include "source/file/watch.hpp"

#include "source/file/load.hpp"
#include "source/file/read.hpp"
#include "source/file/trace.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace adit::source {

namespace {

namespace fs = std::filesystem;

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

class watch::state {
public:
    state(boost::asio::io_context& io, fs::path file, std::function<void()> changed, watch_settings settings)
        : file_(std::move(file)),
          changed_(std::move(changed)),
          events_(
              io,
              {[this] { return folders(); },
               [this](std::uint32_t, std::string_view name) { return matters(name); }, [this] { look(); }},
              settings
          ),
          // After events are listened for: what changes after this look is heard.
          known_trace_(trace_of(file_)),
          known_(digest_of(file_)) {}

private:
    // The folder of the name, and the folder that its links end in.
    std::vector<fs::path> folders() {
        std::error_code failed;
        const auto end = fs::canonical(file_, failed);
        std::vector<fs::path> out{folder_of(file_)};
        if (!failed && folder_of(end) != out[0]) out.push_back(folder_of(end));
        names_ = {file_.filename().string(), failed ? std::string{} : end.filename().string(), "..data"};
        return out;
    }

    bool matters(std::string_view name) {
        const bool ours = std::find(names_.begin(), names_.end(), name) != names_.end();
        // Other links may lie on the way to the file: they change what stat says of it.
        if (!ours && trace_of(file_) == known_trace_) return false;
        must_read_ = true;
        return true;
    }

    void look() {
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
    std::array<std::string, 3> names_;
    bool must_read_ = false;
    folder_watch events_;
    trace known_trace_;
    std::optional<digest> known_;
};

watch::watch(
    boost::asio::io_context& io, std::filesystem::path file, std::function<void()> changed,
    watch_settings settings
)
    : state_(std::make_unique<state>(io, std::move(file), std::move(changed), settings)) {}

watch::~watch() = default;

} // namespace adit::source
