// What `adit migrate` is given: objects from files, folders and stdin, read once.
#pragma once

#include "core/complaint.hpp"
#include "source/cluster/state.hpp"

#include <string>
#include <vector>

namespace adit::cli {

struct migration_input {
    source::cluster::state objects;
    complaints problems; // of what is not in `objects`
};

// Each path is a file of any name, a folder as for `adit serve --manifests`, or "-".
migration_input read_migration_input(const std::vector<std::string>& paths);

} // namespace adit::cli
