// Blocks of bytes of one size, lent by one thread to itself: last returned, first lent, so that they stay
// warm.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace adit {

// Not thread safe. Blocks are neither cleared nor touched. At most `keep` idle blocks are held; what is
// returned beyond that goes back to the system, so that one burst does not mark memory for ever.
class block_pool {
public:
    block_pool(std::size_t block_size, std::size_t keep) : block_size_(block_size), keep_(keep) {
        idle_.reserve(keep);
    }
    block_pool(const block_pool&) = delete;
    ~block_pool() {
        for (char* block : idle_) delete[] block;
    }

    std::size_t block_size() const noexcept { return block_size_; }
    std::size_t lent() const noexcept { return lent_; }

    char* borrow() {
        ++lent_;
        if (idle_.empty()) return new char[block_size_];
        char* block = idle_.back();
        idle_.pop_back();
        return block;
    }
    void give_back(char* block) noexcept {
        --lent_;
        if (idle_.size() < keep_)
            idle_.push_back(block);
        else
            delete[] block;
    }

    // Idle blocks go back to the system.
    void trim() noexcept {
        for (char* block : idle_) delete[] block;
        idle_.clear();
    }

private:
    const std::size_t block_size_, keep_;
    std::size_t lent_ = 0;
    std::vector<char*> idle_;
};

// One block, or none, given back when it is let go.
class block {
public:
    block() = default;
    explicit block(block_pool& pool) : pool_(&pool), data_(pool.borrow()) {}
    block(block&& other) noexcept : pool_(other.pool_), data_(std::exchange(other.data_, nullptr)) {}
    block& operator=(block&& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(data_, other.data_);
        return *this;
    }
    ~block() { reset(); }

    explicit operator bool() const noexcept { return data_ != nullptr; }
    char* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return data_ ? pool_->block_size() : 0; }
    void reset() noexcept {
        if (data_) let_go(); // most have nothing: the question alone is made inline
    }

private:
    [[gnu::noinline]] void let_go() noexcept { pool_->give_back(std::exchange(data_, nullptr)); }

    block_pool* pool_ = nullptr;
    char* data_ = nullptr;
};

} // namespace adit
