#include "source/cluster/objects.hpp"

#include <algorithm>

namespace adit::source::cluster {

const note* find_note(const notes& among, std::string_view name) noexcept {
    const auto at = std::lower_bound(among.begin(), among.end(), name, [](const note& one, auto wanted) {
        return one.name < wanted;
    });
    return at != among.end() && at->name == name ? &*at : nullptr;
}

const metadata& meta_of(const object& one) noexcept {
    return std::visit([](const auto& held) -> const metadata& { return held->meta; }, one);
}

std::string_view kind_of(const object& one) noexcept {
    return std::visit([](const auto& held) { return held->kind; }, one);
}

std::string title_of(const object& one) {
    return std::string(kind_of(one)) + ' ' + meta_of(one).key();
}

} // namespace adit::source::cluster
