// Routes that are compiled, put in force and taken out together.
#pragma once

#include "model/route.hpp"

#include <memory>
#include <vector>

namespace adit::model {

// No route of another group has a host of theirs. Never changed once it is shared: who has another one has
// other routes.
using route_group = std::vector<route>;
using group_ref = std::shared_ptr<const route_group>;

// From the groups in force to those that are to be.
struct group_changes {
    std::vector<group_ref> removed, added;

    bool empty() const noexcept { return removed.empty() && added.empty(); }
};

} // namespace adit::model
