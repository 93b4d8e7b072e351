#include "cli/demo/token_memory.hpp"

#include "core/key_files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace adit::cli {

namespace {

constexpr std::size_t token_size = 16; // bytes

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::generic_category().message(errno));
}

void write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto size = ::write(descriptor, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) fail("the token cannot be kept in memory");
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

} // namespace

token_memory::token_memory(std::string_view text)
    : descriptor_(::memfd_create("adit-token", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    if (descriptor_ < 0) fail("the token cannot be kept in memory");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
    try {
        write_all(descriptor_, text);
        if (::fchmod(descriptor_, S_IRUSR) != 0 ||
            ::fcntl(descriptor_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
            fail("the token cannot be sealed");
        if (::access(path_.c_str(), R_OK) != 0)
            fail(
                "the token cannot be read back at " + path_ +
                " (mount /proc, or give --admin-token-file FILE)"
            );
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

token_memory::~token_memory() {
    ::close(descriptor_);
}

std::string make_token() {
    static constexpr std::string_view digits = "0123456789abcdef";
    const auto key = make_key();
    static_assert(token_size <= std::tuple_size_v<secret_key>);
    std::string out;
    for (std::size_t i = 0; i < token_size; ++i) out.append({digits[key[i] >> 4], digits[key[i] & 15]});
    return out;
}

} // namespace adit::cli
