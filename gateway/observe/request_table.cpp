#include "observe/request_table.hpp"

namespace adit::observe {

request_table::extension::extension(std::size_t cells_wanted)
    : size(cells_wanted), cells(std::make_unique<cell[]>(cells_wanted)) {}

request_table::~request_table() {
    for (auto* one = more_.load(std::memory_order_relaxed); one != nullptr;) {
        auto* next = one->next.load(std::memory_order_relaxed);
        delete one;
        one = next;
    }
}

// The key's cell, added if there is room (a quarter stays free, so that a search ends soon); else nullptr.
request_table::cell*
request_table::seek(cell* cells, std::size_t size, std::size_t& used, std::uint32_t key) noexcept {
    for (std::size_t at = key * 0x9e3779b1u >> 16;; ++at) {
        auto& here = cells[at & (size - 1)];
        const auto found = here.key.load(std::memory_order_relaxed);
        if (found == key) return &here;
        if (found != 0) continue;
        if (used >= size / 4 * 3) return nullptr;
        ++used;
        here.key.store(key, std::memory_order_release);
        return &here;
    }
}

void request_table::add_elsewhere(std::uint32_t key) {
    last_ = seek(first_.data(), first_.size(), used_, key);
    auto* link = &more_;
    auto size = first_size;
    while (last_ == nullptr) {
        size *= 2;
        auto* more = link->load(std::memory_order_relaxed);
        if (more == nullptr) {
            more = new extension(size);
            link->store(more, std::memory_order_release);
        }
        last_ = seek(more->cells.get(), more->size, more->used, key);
        link = &more->next;
    }
    last_->count.add();
}

} // namespace adit::observe
