// A folder of manifests: which objects its files hold now, and what is wrong with them. Looking again reads
// only files that have changed. Any one thread.
#pragma once

#include "core/complaint.hpp"
#include "source/cluster/state.hpp"
#include "source/file/trace.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace adit::source {

class manifest_folder {
public:
    explicit manifest_folder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Reads every *.yaml, *.yml and *.json of the folder whose name does not begin with a dot. True when
    // objects or complaints have changed since the last look. An object that cannot be read any more stays as
    // it was, and so does the folder when it cannot be looked into.
    bool look();

    // False until the folder could be looked into once.
    bool found() const noexcept { return found_; }
    const cluster::state& objects() const noexcept { return objects_; }
    cluster::lookups take_touched() { return objects_.take_touched(); }
    const complaints& problems() const noexcept { return problems_; } // in the order of files and lines
    std::size_t files() const noexcept { return files_.size(); }

private:
    struct file {
        trace seen;
        std::array<std::uint64_t, 2> digest{};
        bool was_read = false;
        std::vector<cluster::object> objects;
        complaints problems;
    };

    bool read(const std::string& name, file& into, const trace& now);
    void gather();

    std::filesystem::path folder_;
    std::map<std::string, file> files_; // by name
    cluster::state objects_;
    complaints problems_;
    std::string unreadable_; // why the folder cannot be looked into
    bool found_ = false;
};

} // namespace adit::source
