// What a translation sees of the objects, and what it has asked for: when one of those changes, it has to
// look again.
#pragma once

#include "source/cluster/state.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adit::source::cluster {

// Any one thread. Both live as long as the view.
class view {
public:
    view(const state& of, lookups& asked) : of_(of), asked_(asked) {}

    // As state has them.
    template <class T>
    const T* find(std::string_view key) const {
        asked_.emplace(T::kind, std::string(key));
        return of_.find<T>(key);
    }
    const std::vector<ref<endpoint_slice>>& slices_of(std::string_view service_key) const {
        asked_.emplace(endpoint_slice::kind, std::string(service_key));
        return of_.slices_of(service_key);
    }

private:
    const state& of_;
    lookups& asked_;
};

} // namespace adit::source::cluster
