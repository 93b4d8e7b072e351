#include "source/cluster/state.hpp"

#include <algorithm>
#include <type_traits>

namespace adit::source::cluster {

template <class T>
void state::touch(const T& one) {
    if constexpr (std::is_same_v<T, endpoint_slice>)
        touched_.emplace(T::kind, one.meta.name_space + '/' + one.service);
    else
        touched_.emplace(T::kind, one.meta.key());
}

bool state::put(const object& one) {
    const bool news = !holds(one);
    const auto* slice = std::get_if<ref<endpoint_slice>>(&one);
    if (slice) {
        const auto& made = **slice;
        if (const auto* old = find<endpoint_slice>(made.meta.key())) {
            if (news) touch(*old);
            forget(*old);
        }
        auto& among = slices_[made.meta.name_space + '/' + made.service];
        const auto after = std::find_if(among.begin(), among.end(), [&](const auto& each) {
            return each->meta.name > made.meta.name;
        });
        among.insert(after, *slice);
    }
    return std::visit(
        [&](const auto& held) {
            using kind = typename std::decay_t<decltype(held)>::element_type;
            if (news) touch(*held);
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
        touch(*at->second);
        if constexpr (std::is_same_v<held, endpoint_slice>) forget(*at->second);
        among.erase(at);
        return true;
    };
    return std::apply([&](auto&... among) { return (from(among) || ...); }, tables_);
}

void state::become(state other) {
    const auto compare = [this](const auto& before, const auto& now) {
        auto a = before.begin(), b = now.begin();
        while (a != before.end() || b != now.end()) {
            const bool only_a = b == now.end() || (a != before.end() && a->first < b->first);
            const bool only_b = !only_a && (a == before.end() || b->first < a->first);
            const bool same = !only_a && !only_b && (a->second == b->second || *a->second == *b->second);
            if (!only_b && !same) touch(*a->second);
            if (!only_a && !same) touch(*b->second);
            if (!only_b) ++a;
            if (!only_a) ++b;
        }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (compare(std::get<I>(tables_), std::get<I>(other.tables_)), ...);
    }
    (std::make_index_sequence<std::tuple_size_v<decltype(tables_)>>());
    tables_ = std::move(other.tables_);
    slices_ = std::move(other.slices_);
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
