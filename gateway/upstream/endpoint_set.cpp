#include "upstream/endpoint_set.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace adit::upstream {

namespace {

tier tier_of(const endpoint& one) noexcept {
    if (one.entry().ready) return one.healthy() ? tier::healthy : tier::unhealthy;
    return one.winding_down() ? tier::winding_down : tier::none;
}

} // namespace

void endpoint_set::replace(
    pools& from, const endpoint_list& list, const balance_plan& plan, std::shared_ptr<track_gate> gate,
    std::uint32_t begin
) {
    std::map<net::tcp::endpoint, endpoint_ref> known;
    for (auto& one : all_) known.emplace(one->entry().address, one);
    std::set<net::tcp::endpoint> seen;
    std::vector<endpoint_ref> next;
    next.reserve(list.size());
    for (const auto& entry : list) {
        if (!seen.insert(entry.address).second) continue;
        // Connections are counted by the pool: with a limit it is one that nobody else has.
        auto& home = plan.max_connections != 0 && entry.state
                         ? from.limited(entry.address, entry.tls, entry.state, plan.max_connections)
                         : from.of(entry.address, entry.tls);
        const auto at = known.find(entry.address);
        if (at != known.end() && &at->second->home() == &home && at->second->entry().state == entry.state) {
            at->second->describe(entry, plan);
            next.push_back(at->second);
            known.erase(at);
        } else {
            next.emplace_back(new endpoint(home, entry, plan));
        }
    }
    for (const auto& [address, one] : known) one->retire();
    all_ = std::move(next);
    plan_ = plan;
    if (gate || !first_) gate_ = std::move(gate); // who waits has joined the one that was
    build_ring();
    refresh();
    next_ = usable_.empty() ? 0 : begin % static_cast<std::uint32_t>(usable_.size());
}

void endpoint_set::refresh() {
    tier_ = tier::none;
    for (const auto& one : all_) tier_ = std::max(tier_, tier_of(*one));
    usable_.clear();
    for (const auto& one : all_) {
        one->usable = tier_ != tier::none && tier_of(*one) == tier_;
        if (one->usable) usable_.push_back(one.get());
    }
    arrange_zones();
    plain_ = plan_.by == model::balance::method::round_robin && plan_.slow_start == 0 && !plan_.limited() &&
             !plan_.sticky && local_chance_ == 0 &&
             std::all_of(usable_.begin(), usable_.end(), [&](const endpoint* one) {
                 return one->entry().weight == usable_.front()->entry().weight;
             });
}

void endpoint_set::clear() {
    for (const auto& one : all_) one->retire();
    all_.clear();
    build_ring();
    refresh();
}

// Local endpoints get what they can carry: if each zone sends a like share of the traffic, they suffice when
// their part of the weight is at least one in the number of zones. What is more than that goes to the others.
void endpoint_set::arrange_zones() {
    local_ = 0;
    local_chance_ = 0;
    if (!plan_.prefer_zone) return;
    const auto foreign = std::stable_partition(usable_.begin(), usable_.end(), [](const endpoint* one) {
        return one->entry().local;
    });
    local_ = static_cast<std::size_t>(foreign - usable_.begin());
    if (local_ == 0 || local_ == usable_.size()) return;
    std::uint64_t sum = 0, here = 0;
    std::set<std::uint16_t> zones;
    for (const auto* one : usable_) sum += one->entry().weight;
    for (std::size_t i = 0; i < local_; ++i) here += usable_[i]->entry().weight;
    // Zones are those of the whole track: one whose endpoints are all ill still sends requests.
    for (const auto& one : all_) zones.insert(one->entry().zone);
    local_chance_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(here * zones.size() * 65'536 / sum, 65'536));
}

endpoint_set::range endpoint_set::zone_of(const ask& by) const noexcept {
    const range whole{usable_};
    if (local_chance_ == 0) return whole;
    const bool stays = local_chance_ >= 65'536 || by.random.below(65'536) < local_chance_;
    return stays ? whole.first(local_) : whole.subspan(local_);
}

void endpoint_set::join(waiter& one) noexcept {
    one.before = last_;
    one.behind = nullptr;
    (last_ ? last_->behind : first_) = &one;
    last_ = &one;
}

void endpoint_set::quit(waiter& one) noexcept {
    (one.before ? one.before->behind : first_) = one.behind;
    (one.behind ? one.behind->before : last_) = one.before;
    one.before = one.behind = nullptr;
}

void endpoint_set::serve() {
    if (serving_) return;
    serving_ = true;
    // A client that is bound to an endpoint waits for that one: it does not hold up those behind it.
    for (auto* one = first_; one;) {
        auto* next = one->behind;
        if (!one->place_free() && !plan_.persistent) break;
        one = next;
    }
    serving_ = false;
}

void endpoint_set::close_idle() {
    for (const auto& one : all_) one->home().close_idle();
}

} // namespace adit::upstream
