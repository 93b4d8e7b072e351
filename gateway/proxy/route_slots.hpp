// Compiled routes by their slots. Copies share what they can: a change costs what it changes, however many
// routes there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace adit::proxy {

struct compiled_route;

// One thread copies, changes and destroys; any number may read what is not being changed.
class route_slots {
public:
    using value = std::shared_ptr<const compiled_route>;

    // Null where the slot is free.
    const compiled_route* operator[](std::uint32_t slot) const noexcept { return share(slot).get(); }
    const value& share(std::uint32_t slot) const noexcept {
        const auto at = slot / page_size;
        return at < pages_.size() && pages_[at] ? (*pages_[at])[slot % page_size] : nobody();
    }
    void set(std::uint32_t slot, value route) {
        const auto at = slot / page_size;
        if (at >= pages_.size()) pages_.resize(at + 1);
        auto& here = pages_[at];
        if (!here)
            here = std::make_shared<page>();
        else if (here.use_count() > 1)
            here = std::make_shared<page>(*here);
        (*here)[slot % page_size] = std::move(route);
    }

private:
    static constexpr std::size_t page_size = 256;
    using page = std::array<value, page_size>;

    static const value& nobody() noexcept {
        static const value none;
        return none;
    }

    std::vector<std::shared_ptr<page>> pages_;
};

} // namespace adit::proxy
