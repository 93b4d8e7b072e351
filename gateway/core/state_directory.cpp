#include "core/state_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

namespace adit {

namespace {

constexpr std::string_view lock_name = "lock";
constexpr std::string_view temporary_prefix = ".new-"; // no document's name begins with a dot
constexpr std::size_t max_name = 200;

std::string reason(int error) {
    return std::generic_category().message(error);
}

// Closes what it holds; errno is left as it was.
class descriptor {
public:
    explicit descriptor(int value) noexcept : value_(value) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        const int kept = errno;
        if (value_ >= 0) ::close(value_);
        errno = kept;
    }
    explicit operator bool() const noexcept { return value_ >= 0; }
    int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); }

private:
    int value_;
};

bool is_document_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > max_name || name == lock_name || !plain(name.front())) return false;
    for (const char c : name)
        if (!plain(c) && c != '.' && c != '_' && c != '-') return false;
    return true;
}

// A directory entry is safe from a crash once the directory that holds it is.
bool sync_directory(const std::string& path) {
    const descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory && ::fsync(directory.get()) == 0;
}

bool make_directories(const std::string& path, std::string& error) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const auto part = path.substr(0, end);
        if (::mkdir(part.c_str(), 0700) == 0) {
            const auto slash = part.rfind('/');
            sync_directory(slash == std::string::npos ? "." : part.substr(0, slash + 1));
        } else if (errno != EEXIST && errno != EISDIR) {
            const int why = errno;
            struct stat present {};
            if (::stat(part.c_str(), &present) != 0) {
                error = "cannot make state directory " + part + ": " + reason(why);
                return false;
            }
        }
        if (end == std::string::npos) return true;
    }
}

std::string holder_of(int lock) {
    char buffer[32];
    const auto got = ::pread(lock, buffer, sizeof buffer, 0);
    std::string out;
    for (ssize_t i = 0; i < got && buffer[i] >= '0' && buffer[i] <= '9'; ++i) out += buffer[i];
    return out;
}

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto put = ::write(file, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

// What a crash in the middle of write() left behind. Only the holder of the lock may do this.
void sweep(int directory) {
    const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return;
    DIR* list = ::fdopendir(copy);
    if (list == nullptr) {
        ::close(copy);
        return;
    }
    std::vector<std::string> stale;
    while (const auto* entry = ::readdir(list))
        if (std::string_view(entry->d_name).starts_with(temporary_prefix)) stale.emplace_back(entry->d_name);
    ::closedir(list);
    for (const auto& name : stale) ::unlinkat(directory, name.c_str(), 0);
}

} // namespace

std::optional<state_directory> state_directory::open(const std::string& path, std::string& error) {
    error.clear();
    if (path.empty()) {
        error = "the state directory's path is empty";
        return std::nullopt;
    }
    if (!make_directories(path, error)) return std::nullopt;
    descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        error = "cannot open state directory " + path + ": " + reason(errno);
        return std::nullopt;
    }
    descriptor lock(
        ::openat(directory.get(), lock_name.data(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
    );
    if (!lock) {
        error = "cannot open " + path + "/lock: " + reason(errno);
        if (errno == EACCES || errno == EROFS) error += " (the state directory must be writable)";
        return std::nullopt;
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            const auto holder = holder_of(lock.get());
            error = "state directory " + path + " is in use by another daemon" +
                    (holder.empty() ? "" : ", process " + holder) + " (give each its own --state-dir)";
        } else
            error = "cannot lock " + path + "/lock: " + reason(errno);
        return std::nullopt;
    }
    // For the message above only: a failure to write it harms nobody.
    if (::ftruncate(lock.get(), 0) == 0) write_all(lock.get(), std::to_string(::getpid()) + '\n');
    sweep(directory.get());
    return state_directory(path, directory.release(), lock.release());
}

state_directory::state_directory(std::string path, int directory, int lock) noexcept
    : path_(std::move(path)), directory_(directory), lock_(lock) {}

state_directory::state_directory(state_directory&& other) noexcept
    : path_(std::move(other.path_)),
      directory_(std::exchange(other.directory_, -1)),
      lock_(std::exchange(other.lock_, -1)) {}

state_directory& state_directory::operator=(state_directory&& other) noexcept {
    if (this != &other) {
        close();
        path_ = std::move(other.path_);
        directory_ = std::exchange(other.directory_, -1);
        lock_ = std::exchange(other.lock_, -1);
    }
    return *this;
}

state_directory::~state_directory() {
    close();
}

// The lock goes with its descriptor. The file stays: unlinking it would let two daemons lock two different
// files.
void state_directory::close() noexcept {
    if (directory_ >= 0) ::close(std::exchange(directory_, -1));
    if (lock_ >= 0) ::close(std::exchange(lock_, -1));
}

std::optional<std::string> state_directory::read(std::string_view name, std::string& error) const {
    error.clear();
    const auto refuse = [&](std::string why) {
        error = "cannot read " + path_ + '/' + std::string(name) + ": " + std::move(why);
        return std::nullopt;
    };
    if (!is_document_name(name)) return refuse("not a document's name");
    const descriptor file(::openat(directory_, std::string(name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) {
        if (errno == ENOENT) return std::nullopt;
        return refuse(reason(errno));
    }
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0) return refuse(reason(errno));
    if (!S_ISREG(facts.st_mode)) return refuse("not a regular file");
    if (static_cast<std::size_t>(facts.st_size) > max_document) return refuse("larger than 16 MiB");
    std::string out(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t have = 0;
    while (have < out.size()) {
        const auto got = ::read(file.get(), out.data() + have, out.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse(reason(errno));
        if (got == 0) return refuse("it became shorter while it was read");
        have += static_cast<std::size_t>(got);
    }
    return out;
}

bool state_directory::write(std::string_view name, std::string_view bytes, std::string& error) {
    error.clear();
    const auto refuse = [&](std::string why) {
        error = "cannot write " + path_ + '/' + std::string(name) + ": " + std::move(why);
        return false;
    };
    if (!is_document_name(name)) return refuse("not a document's name");
    if (bytes.size() > max_document) return refuse("larger than 16 MiB");
    const auto temporary = std::string(temporary_prefix) + std::string(name);
    const auto give_up = [&](int why) {
        ::unlinkat(directory_, temporary.c_str(), 0);
        return refuse(reason(why));
    };
    descriptor file(
        ::openat(directory_, temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
    );
    if (!file) return refuse(reason(errno));
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0) return give_up(errno);
    if (::close(file.release()) != 0) return give_up(errno);
    if (::renameat(directory_, temporary.c_str(), directory_, std::string(name).c_str()) != 0)
        return give_up(errno);
    if (::fsync(directory_) != 0) return refuse(reason(errno));
    return true;
}

bool state_directory::remove(std::string_view name, std::string& error) {
    error.clear();
    const auto refuse = [&](std::string why) {
        error = "cannot remove " + path_ + '/' + std::string(name) + ": " + std::move(why);
        return false;
    };
    if (!is_document_name(name)) return refuse("not a document's name");
    if (::unlinkat(directory_, std::string(name).c_str(), 0) != 0) {
        if (errno == ENOENT) return true;
        return refuse(reason(errno));
    }
    if (::fsync(directory_) != 0) return refuse(reason(errno));
    return true;
}

} // namespace adit
