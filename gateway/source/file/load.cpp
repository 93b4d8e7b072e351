#include "source/file/load.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace adit::source {

namespace {

struct descriptor {
    int number = -1;
    explicit descriptor(int n) : number(n) {}
    ~descriptor() {
        if (number >= 0) ::close(number);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
};

std::string last_error() {
    return std::generic_category().message(errno);
}

std::optional<std::string> read_all(int from, std::size_t most, model::fault* why) {
    std::string out;
    for (;;) {
        const auto before = out.size();
        out.resize(before + 64 * 1024);
        const auto got = ::read(from, out.data() + before, out.size() - before);
        if (got < 0 && errno == EINTR) {
            out.resize(before);
            continue;
        }
        if (got < 0) return model::refuse(why, "cannot be read: " + last_error());
        out.resize(before + static_cast<std::size_t>(got));
        if (got == 0) return out;
        if (out.size() > most)
            return model::refuse(why, "is larger than " + std::to_string(most / (1024 * 1024)) + " MiB");
    }
}

std::optional<std::string>
load_some(const std::filesystem::path& file, std::size_t most, bool any_kind, model::fault* why) {
    const int waits = any_kind ? 0 : O_NONBLOCK;
    const descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | waits));
    struct stat about {};
    if (opened.number < 0 || ::fstat(opened.number, &about) != 0)
        return model::refuse(why, "cannot be opened: " + last_error());
    if (S_ISDIR(about.st_mode)) return model::refuse(why, "is a folder", "name a file in it");
    if (!any_kind && !S_ISREG(about.st_mode)) return model::refuse(why, "is not a regular file");
    return read_all(opened.number, most, why);
}

} // namespace

std::optional<std::string> load(const std::filesystem::path& file, std::size_t most, model::fault* why) {
    return load_some(file, most, true, why);
}

std::optional<std::string>
load_regular(const std::filesystem::path& file, std::size_t most, model::fault* why) {
    return load_some(file, most, false, why);
}

} // namespace adit::source
