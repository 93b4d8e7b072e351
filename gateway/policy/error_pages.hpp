// Which page stands for which status.
#pragma once

#include "model/error_pages.hpp"

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

namespace adit::policy {

// Compiled once, then only read; pages are sent from here.
class error_pages {
public:
    struct page {
        std::string type, content;
    };

    explicit error_pages(const model::error_pages& wish);

    // nullptr where there is none of that status or its class.
    const page* find(unsigned status) const noexcept;
    // Whether the upstream's answer with that status is replaced, if there is something to replace it.
    bool intercepts(unsigned status) const noexcept;

    bool asks_backend() const noexcept { return asks_backend_; }
    // Field lines that tell the backend more.
    const std::string& backend_lines() const noexcept { return backend_lines_; }

private:
    static constexpr unsigned first = 400, count = 200; // 4xx and 5xx

    std::vector<page> pages_;
    std::array<std::uint8_t, count> by_status_{}; // 1 + index of the page, 0 = none
    std::bitset<count> intercepted_;
    bool asks_backend_ = false;
    std::string backend_lines_;
};

} // namespace adit::policy
