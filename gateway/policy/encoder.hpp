// Compresses one body as it comes: gzip by zlib, br by libbrotli.
#pragma once

#include "policy/content_coding.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace adit::policy {

// One thread's. Made once and used for one body after the other; the libraries' memory is kept in between,
// about 0.3 MiB for gzip and 1 to 3 MiB for br, so that a body of a size seen before allocates nothing.
class encoder {
public:
    encoder();
    ~encoder();
    encoder(const encoder&) = delete;

    // A new body. `level` is 1 to 9, `size` what is known of its length, 0 for nothing. False: no memory.
    bool begin(content_coding coding, std::uint32_t level, std::uint64_t size) noexcept;

    // All of `data` coded and flushed, and the end of the body if this was the `last` of it; the receiver can
    // decode everything so far. `out` has room for at least bound(data.size()). nullopt when the library gave
    // up.
    std::optional<std::size_t> write(std::string_view data, bool last, std::span<char> out) noexcept;

    // Most bytes that one write() of `size` bytes makes: stored blocks and their heads, the format's own head
    // and trailer.
    static constexpr std::size_t bound(std::size_t size) noexcept { return size + size / 1024 + 128; }

private:
    struct deflater;
    struct brotli;

    content_coding coding_ = content_coding::identity;
    std::unique_ptr<deflater> deflater_;
    std::unique_ptr<brotli> brotli_;
};

} // namespace adit::policy
