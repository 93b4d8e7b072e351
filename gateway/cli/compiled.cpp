#include "cli/compiled.hpp"

#include "cli/policy_files.hpp"
#include "policy/route_policy.hpp"

#include <utility>

namespace adit::cli {

std::optional<compiled>
compile(const model::gateway& wish, std::shared_ptr<const canary::cookie_keys> keys, complaints& found) {
    std::vector<route::table_entry> entries;
    std::vector<canary::chooser> choosers;
    std::vector<canary::cuts> cuts;
    for (const auto& one : wish.routes) {
        policy::compile(one, {.meters = nullptr, .read_file = read_policy_file}, found);
        auto chooser = canary::chooser::compile(one, wish.incoming_colour, keys, found);
        if (chooser) choosers.push_back(std::move(*chooser));
        cuts.push_back(canary::make_cuts(one));
        entries.push_back(
            {static_cast<std::uint32_t>(entries.size()), std::make_shared<const model::route>(one)}
        );
    }
    auto table = route::table::compile(entries, found);
    if (!table || choosers.size() != entries.size()) return std::nullopt;
    return compiled{std::move(*table), std::move(choosers), std::move(cuts)};
}

} // namespace adit::cli
