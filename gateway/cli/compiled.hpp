// A wish compiled as the daemon would, for commands that serve nothing.
#pragma once

#include "canary/choose.hpp"
#include "core/complaint.hpp"
#include "model/gateway.hpp"
#include "route/table.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace adit::cli {

// Slots are indexes of model::gateway::routes.
struct compiled {
    route::table table;
    std::vector<canary::chooser> choosers;
    std::vector<canary::cuts> cuts; // of the declared weights
};

// What does not compile is added to `found`; nullopt if anything does not.
std::optional<compiled>
compile(const model::gateway& wish, std::shared_ptr<const canary::cookie_keys> keys, complaints& found);

} // namespace adit::cli
