#include "source/cluster/state.hpp"

#include <algorithm>

namespace adit::source::cluster {

bool state::put(const object& one) {
    const auto* slice = std::get_if<ref<endpoint_slice>>(&one);
    if (slice) {
        const auto& made = **slice;
        if (const auto* old = find<endpoint_slice>(made.meta.key())) {
            auto& before = slices_[old->meta.name_space + '/' + old->service];
            std::erase_if(before, [&](const auto& each) { return each.get() == old; });
        }
        slices_[made.meta.name_space + '/' + made.service].push_back(*slice);
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

const std::vector<ref<endpoint_slice>>& state::slices_of(std::string_view service_key) const {
    static const std::vector<ref<endpoint_slice>> none;
    const auto at = slices_.find(service_key);
    return at == slices_.end() ? none : at->second;
}

} // namespace adit::source::cluster
