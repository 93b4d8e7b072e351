// Bytes on their way out of one connection: a few parts that are sent with one call, and what is left when
// the socket's buffer is full.
#pragma once

#include "core/block_pool.hpp"
#include "net/stream.hpp"

#include <array>
#include <cstring>
#include <string_view>

namespace adit::net {

// Parts are borrowed until empty(), except those in the scratch memory named to flush(): what of them could
// not be sent at once is copied aside.
class outgoing {
public:
    static constexpr std::size_t max_parts = 10;

    bool empty() const noexcept { return first_ == count_; }
    void clear() noexcept {
        first_ = count_ = 0;
        spilled_ = 0;
        spill_.reset();
    }
    void add(std::string_view part) noexcept {
        if (!part.empty()) parts_[count_++] = {const_cast<char*>(part.data()), part.size()};
    }

    // Sends what it can. done: all is sent; blocked: arm a write and call again; failed: the connection is
    // broken, or a block has no room for what scratch memory holds.
    io flush(stream& to, block_pool& pool, std::string_view scratch, std::uint64_t& total) {
        while (!empty()) {
            std::size_t sent = 0;
            const auto outcome = to.send(&parts_[first_], count_ - first_, sent);
            total += sent;
            if (outcome == io::failed) return outcome;
            advance(sent);
            if (outcome == io::blocked) return keep(scratch, pool) ? outcome : io::failed;
        }
        clear();
        return io::done;
    }

private:
    void advance(std::size_t sent) noexcept {
        while (sent > 0) {
            auto& part = parts_[first_];
            if (sent < part.iov_len) {
                part.iov_base = static_cast<char*>(part.iov_base) + sent;
                part.iov_len -= sent;
                return;
            }
            sent -= part.iov_len;
            ++first_;
        }
    }

    // False if a block is too small for it.
    bool keep(std::string_view scratch, block_pool& pool) {
        for (auto i = first_; i < count_; ++i) {
            auto* at = static_cast<const char*>(parts_[i].iov_base);
            if (at < scratch.data() || at >= scratch.data() + scratch.size()) continue;
            if (!spill_) spill_ = block{pool};
            if (parts_[i].iov_len > spill_.size() - spilled_) return false;
            std::memcpy(spill_.data() + spilled_, at, parts_[i].iov_len);
            parts_[i].iov_base = spill_.data() + spilled_;
            spilled_ += parts_[i].iov_len;
        }
        return true;
    }

    std::array<iovec, max_parts> parts_{};
    std::size_t first_ = 0, count_ = 0;
    std::size_t spilled_ = 0;
    block spill_;
};

} // namespace adit::net
