// A directory of small named documents that outlive the process: overrides of weights, keys made on first
// start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace adit {

// One daemon a directory: it is locked while the object lives. Control threads only, one at a time. A
// document is either the old or the new one after a crash, never a mixture, and once write() says yes the new
// one is on the disk.
class state_directory {
public:
    // A larger document than this is neither written nor read.
    static constexpr std::size_t max_document = 16 * 1024 * 1024;

    // Makes the directory (mode 0700, its parents too) where there is none. On failure nullopt, and `error`
    // says what is wrong and with which path.
    static std::optional<state_directory> open(const std::string& path, std::string& error);

    state_directory(state_directory&& other) noexcept;
    state_directory& operator=(state_directory&& other) noexcept;
    ~state_directory();

    // Names are [a-z0-9][a-z0-9._-]*, at most 200 bytes, and not "lock".
    // nullopt with an empty `error`: there is no such document.
    std::optional<std::string> read(std::string_view name, std::string& error) const;
    [[nodiscard]] bool write(std::string_view name, std::string_view bytes, std::string& error);
    // A document that is not there counts as removed.
    [[nodiscard]] bool remove(std::string_view name, std::string& error);

    const std::string& path() const noexcept { return path_; }

private:
    state_directory(std::string path, int directory, int lock) noexcept;
    void close() noexcept;

    std::string path_;
    int directory_ = -1;
    int lock_ = -1;
};

} // namespace adit
