#include "observe/labels.hpp"

#include "observe/worker_counters.hpp"

#include <algorithm>
#include <functional>

namespace adit::observe {

std::uint32_t labels::assign(std::string route, std::span<const std::string> tracks) {
    std::uint32_t slot;
    if (!free_.empty()) {
        std::pop_heap(free_.begin(), free_.end(), std::greater<>());
        slot = free_.back();
        free_.pop_back();
    } else {
        if (slots_.size() >= worker_counters::max_route_slots) return none;
        slot = slots();
        slots_.emplace_back();
    }
    ++named_[route];
    auto& made = slots_[slot].emplace();
    made.route = std::move(route);
    for (const auto& name : tracks) made.tracks.push_back({name, std::nullopt});
    return slot;
}

bool labels::keep(std::uint32_t slot, std::string_view route, std::span<const std::string> tracks) {
    if (slot >= slots_.size() || !slots_[slot] || slots_[slot]->route != route) return false;
    auto& known = slots_[slot]->tracks;
    const auto shared = std::min(known.size(), tracks.size());
    for (std::size_t i = 0; i < shared; ++i)
        if (known[i].name != tracks[i]) return false;
    for (auto i = shared; i < tracks.size(); ++i) known.push_back({tracks[i], std::nullopt});
    for (auto& one : known) {
        one.weight.reset();
        one.health.reset();
    }
    return true;
}

void labels::release(std::uint32_t slot) {
    if (slot >= slots_.size() || !slots_[slot]) return;
    const auto named = named_.find(slots_[slot]->route);
    if (--named->second == 0) named_.erase(named);
    slots_[slot].reset();
    free_.push_back(slot);
    std::push_heap(free_.begin(), free_.end(), std::greater<>());
}

void labels::set_weights(std::uint32_t slot, std::span<const double> ratios) {
    if (slot >= slots_.size() || !slots_[slot]) return;
    auto& tracks = slots_[slot]->tracks;
    for (std::size_t i = 0; i < tracks.size(); ++i)
        tracks[i].weight = i < ratios.size() ? std::optional(ratios[i]) : std::nullopt;
}

void labels::set_health(std::uint32_t slot, std::span<const std::optional<track_health>> tracks) {
    if (slot >= slots_.size() || !slots_[slot]) return;
    auto& known = slots_[slot]->tracks;
    for (std::size_t i = 0; i < known.size(); ++i)
        known[i].health = i < tracks.size() ? tracks[i] : std::nullopt;
}

std::size_t labels::count(std::string_view route) const {
    const auto named = named_.find(route);
    return named == named_.end() ? 0 : named->second;
}

const route_labels* labels::find(std::uint32_t slot) const {
    return slot < slots_.size() && slots_[slot] ? &*slots_[slot] : nullptr;
}

} // namespace adit::observe
