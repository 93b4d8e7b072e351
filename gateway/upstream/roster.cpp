#include "upstream/roster.hpp"

#include "upstream/pool.hpp"

namespace adit::upstream {

roster::track&
roster::seat(std::string_view route, std::string_view name, bool stable, endpoint_list list, instant now) {
    const auto [at, fresh] = tracks_.try_emplace({std::string(route), std::string(name)});
    auto& here = at->second;
    if (fresh) {
        here.route = route;
        here.name = name;
    }
    here.stable = stable;
    std::map<address, std::shared_ptr<endpoint_state>> known;
    for (auto& one : here.endpoints) known.emplace(one.address, one.state);
    // A name that is resolved for the first time does not make newcomers of its addresses.
    const auto added = here.endpoints.empty() ? instant{0} : now;
    for (auto& one : list) {
        auto& state = known[one.address];
        if (!state) state = std::make_shared<endpoint_state>(to_text(one.address), added);
        one.state = state;
    }
    here.endpoints = std::move(list);
    return here;
}

void roster::keep_only(const std::set<std::pair<std::string, std::string>>& tracks) {
    std::erase_if(tracks_, [&](const auto& one) { return !tracks.contains(one.first); });
}

roster::track* roster::find(std::string_view route, std::string_view name) {
    const auto at = tracks_.find({std::string(route), std::string(name)});
    return at == tracks_.end() ? nullptr : &at->second;
}

const roster::track* roster::find(std::string_view route, std::string_view name) const {
    const auto at = tracks_.find({std::string(route), std::string(name)});
    return at == tracks_.end() ? nullptr : &at->second;
}

std::pair<roster::track*, std::size_t> roster::find(const endpoint_state& one) {
    for (auto& [names, here] : tracks_)
        for (std::size_t i = 0; i < here.endpoints.size(); ++i)
            if (here.endpoints[i].state.get() == &one) return {&here, i};
    return {nullptr, 0};
}

void roster::for_each(const std::function<void(track&)>& visit) {
    for (auto& [names, here] : tracks_) visit(here);
}

} // namespace adit::upstream
