#include "policy/error_pages.hpp"

#include <algorithm>

namespace adit::policy {

namespace {

bool is_class(const model::status_range& one) noexcept {
    return one.first != one.last;
}

} // namespace

error_pages::error_pages(const model::error_pages& wish) : asks_backend_(!wish.backend.empty()) {
    // Classes first, so that single statuses are written over them. There are at most 202 pages.
    auto sorted = wish.pages;
    std::stable_partition(sorted.begin(), sorted.end(), [](const auto& one) {
        return is_class(one.statuses);
    });
    for (auto& one : sorted) {
        pages_.push_back({std::move(one.type), std::move(one.content)});
        for (unsigned status = one.statuses.first; status <= one.statuses.last; ++status)
            if (status - first < count) by_status_[status - first] = static_cast<std::uint8_t>(pages_.size());
    }
    for (const auto& one : wish.intercept)
        for (unsigned status = one.first; status <= one.last; ++status)
            if (status - first < count) intercepted_.set(status - first);
    for (const auto& [name, value] : wish.backend_headers) backend_lines_ += name + ": " + value + "\r\n";
}

const error_pages::page* error_pages::find(unsigned status) const noexcept {
    if (status - first >= count) return nullptr;
    const auto at = by_status_[status - first];
    return at == 0 ? nullptr : &pages_[at - 1U];
}

bool error_pages::intercepts(unsigned status) const noexcept {
    return status - first < count && intercepted_.test(status - first);
}

} // namespace adit::policy
