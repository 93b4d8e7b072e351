#include "source/cluster/state.hpp"

#include <algorithm>
#include <type_traits>

namespace adit::source::cluster {

bool state::put(const object& one) {
    const auto* slice = std::get_if<ref<endpoint_slice>>(&one);
    if (slice) {
        const auto& made = **slice;
        if (const auto* old = find<endpoint_slice>(made.meta.key())) forget(*old);
        auto& among = slices_[made.meta.name_space + '/' + made.service];
        const auto after = std::find_if(among.begin(), among.end(), [&](const auto& each) {
            return each->meta.name > made.meta.name;
        });
        among.insert(after, *slice);
    }
    return std::visit(
        [this](const auto& held) {
            using kind = typename std::decay_t<decltype(held)>::element_type;
            auto& among = std::get<table<std::remove_const_t<kind>>>(tables_);
            return !among.insert_or_assign(held->meta.key(), held).second;
        },
        one
    );
}

bool state::holds(const object& one) const {
    return std::visit(
        [this](const auto& held) {
            using kind = std::remove_const_t<typename std::decay_t<decltype(held)>::element_type>;
            const auto* known = find<kind>(held->meta.key());
            return known && *known == *held;
        },
        one
    );
}

bool state::remove(std::string_view kind, std::string_view key) {
    const auto from = [&](auto& among) {
        using held = std::remove_const_t<typename std::decay_t<decltype(among)>::mapped_type::element_type>;
        if (kind != held::kind) return false;
        const auto at = among.find(key);
        if (at == among.end()) return false;
        if constexpr (std::is_same_v<held, endpoint_slice>) forget(*at->second);
        among.erase(at);
        return true;
    };
    return std::apply([&](auto&... among) { return (from(among) || ...); }, tables_);
}

void state::forget(const endpoint_slice& one) {
    const auto at = slices_.find(one.meta.name_space + '/' + one.service);
    if (at == slices_.end()) return;
    std::erase_if(at->second, [&](const auto& each) { return each.get() == &one; });
    if (at->second.empty()) slices_.erase(at);
}

const std::vector<ref<endpoint_slice>>& state::slices_of(std::string_view service_key) const {
    static const std::vector<ref<endpoint_slice>> none;
    const auto at = slices_.find(service_key);
    return at == slices_.end() ? none : at->second;
}

} // namespace adit::source::cluster
