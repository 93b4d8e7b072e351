#include "observe/worker_counters.hpp"

#include "model/route.hpp"

namespace adit::observe {

static_assert(route_counters::max_tracks == model::max_tracks);

route_counters::~route_counters() {
    for (auto& track : tracks_) delete track.load(std::memory_order_relaxed);
}

worker_counters::~worker_counters() {
    for (auto& pointer : blocks_) {
        auto* routes = pointer.load(std::memory_order_relaxed);
        if (routes == nullptr) continue;
        for (auto& route : *routes) delete route.load(std::memory_order_relaxed);
        delete routes;
    }
}

track_counters& worker_counters::make(std::uint32_t route_slot, std::uint8_t track) {
    route_counters* route = nullptr;
    if (route_slot < max_route_slots) {
        auto& pointer = blocks_[route_slot / block_size];
        auto* routes = pointer.load(std::memory_order_relaxed);
        if (routes == nullptr) {
            routes = new route_block{};
            pointer.store(routes, std::memory_order_release);
        }
        auto& place = (*routes)[route_slot % block_size];
        route = place.load(std::memory_order_relaxed);
        if (route == nullptr) {
            route = new route_counters;
            place.store(route, std::memory_order_release);
        }
    } else {
        if (!unplaced_) unplaced_ = std::make_unique<route_counters>();
        route = unplaced_.get();
    }
    auto& place = route->tracks_[track];
    if (auto* found = place.load(std::memory_order_relaxed)) return *found;
    auto* made = new track_counters;
    place.store(made, std::memory_order_release);
    return *made;
}

const route_counters* worker_counters::find(std::uint32_t route_slot) const noexcept {
    if (route_slot >= max_route_slots) return nullptr;
    const auto* routes = blocks_[route_slot / block_size].load(std::memory_order_acquire);
    return routes == nullptr ? nullptr : (*routes)[route_slot % block_size].load(std::memory_order_acquire);
}

std::unique_ptr<route_counters> worker_counters::retire(std::uint32_t route_slot) noexcept {
    if (route_slot >= max_route_slots) return nullptr;
    auto* routes = blocks_[route_slot / block_size].load(std::memory_order_acquire);
    if (routes == nullptr) return nullptr;
    return std::unique_ptr<route_counters>(
        (*routes)[route_slot % block_size].exchange(nullptr, std::memory_order_acq_rel)
    );
}

} // namespace adit::observe
