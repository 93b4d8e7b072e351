// A request body that is held as a whole, in blocks of the worker's pool.
#pragma once

#include "core/block_pool.hpp"
#include "net/outgoing.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace adit::proxy {

// Lent by the worker until the exchange ends, so that every attempt can send it again.
class gathered_body {
public:
    // Parts that next() adds at one time; a head goes out with the first of them.
    static constexpr std::size_t most_parts = net::outgoing::max_parts - 2;

    void append(std::string_view part, block_pool& pool) {
        while (!part.empty()) {
            if (blocks_.empty() || size_ == blocks_.size() * pool.block_size()) blocks_.emplace_back(pool);
            const auto used = size_ - (blocks_.size() - 1) * pool.block_size();
            const auto taken = std::min(part.size(), pool.block_size() - used);
            std::memcpy(blocks_.back().data() + used, part.data(), taken);
            size_ += taken;
            part.remove_prefix(taken);
        }
    }
    std::size_t size() const noexcept { return size_; }

    // For the next attempt.
    void rewind() noexcept { next_ = 0; }
    bool more() const noexcept { return next_ < blocks_.size(); }
    void next(net::outgoing& out) noexcept {
        for (std::size_t i = 0; i < most_parts && more(); ++i, ++next_) {
            const auto& one = blocks_[next_];
            out.add({one.data(), std::min(one.size(), size_ - next_ * one.size())});
        }
    }

    // Gives the blocks back; the list of them keeps its memory.
    void clear() noexcept {
        blocks_.clear();
        size_ = next_ = 0;
    }

private:
    std::vector<block> blocks_;
    std::size_t size_ = 0, next_ = 0;
};

} // namespace adit::proxy
