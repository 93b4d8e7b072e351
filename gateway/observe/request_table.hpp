// Requests by method and status code. One writer, any reader. A combination's cell is added when it first
// occurs and never moves, so that after warm-up nothing is allocated and a reader needs no lock.
#pragma once

#include "observe/counter.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace adit::observe {

inline constexpr std::uint8_t method_names = 10; // index of http::method; the last is `other`

class request_table {
public:
    request_table() = default;
    ~request_table();
    request_table(const request_table&) = delete;
    request_table& operator=(const request_table&) = delete;

    // Writer only. `method` < 10; `code` is the status that the client got.
    void add(std::uint8_t method, std::uint16_t code) {
        const auto key = make_key(method, code);
        if (last_ != nullptr && last_->key.load(std::memory_order_relaxed) == key)
            last_->count.add();
        else
            add_elsewhere(key);
    }

    // visit(method, code, count) for every combination so far, in no order.
    template <class F>
    void for_each(F&& visit) const {
        const auto show = [&](const cell& one) {
            const auto key = one.key.load(std::memory_order_acquire);
            if (key != 0)
                visit(
                    static_cast<std::uint8_t>((key >> 16) - 1), static_cast<std::uint16_t>(key & 0xffff),
                    one.count.value()
                );
        };
        for (const auto& one : first_) show(one);
        for (auto* more = more_.load(std::memory_order_acquire); more != nullptr;
             more = more->next.load(std::memory_order_acquire))
            for (std::size_t i = 0; i < more->size; ++i) show(more->cells[i]);
    }

private:
    struct cell {
        std::atomic<std::uint32_t> key{0}; // 0 = free
        counter count;
    };
    // A later table, twice the size of the one before it.
    struct extension {
        explicit extension(std::size_t cells_wanted);
        std::size_t size;
        std::size_t used = 0;
        std::unique_ptr<cell[]> cells;
        std::atomic<extension*> next{nullptr};
    };
    static constexpr std::size_t first_size = 16;

    static constexpr std::uint32_t make_key(std::uint8_t method, std::uint16_t code) noexcept {
        return (method + 1U) << 16 | code;
    }
    void add_elsewhere(std::uint32_t key);
    static cell* seek(cell* cells, std::size_t size, std::size_t& used, std::uint32_t key) noexcept;

    cell* last_ = nullptr; // the writer's: requests of one kind come in rows
    std::size_t used_ = 0;
    std::array<cell, first_size> first_;
    std::atomic<extension*> more_{nullptr};
};

} // namespace adit::observe
