// A folder of manifests as a source of wishes: looked at when it changes, translated, and tried before it is
// offered.
#pragma once

#include "model/gateway.hpp"
#include "source/file/folder_watch.hpp"
#include "source/ingress/translate.hpp"
#include "source/manifests/folder.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace adit::cli {

// Control thread only.
class manifest_source {
public:
    manifest_source(
        std::filesystem::path folder, source::ingress::options by, std::vector<model::listener> listeners
    );

    // Looks at the folder; true when there may be a new wish.
    bool look() { return folder_.look(); }
    bool found() const noexcept { return folder_.found(); }

    struct offer {
        model::gateway wish;
        complaints all;  // that stand now
        complaints news; // those of them that were not there the last time
    };
    // What the objects of the last look ask for. Routes that do not compile are left out, with a complaint.
    offer translate();

    // Calls `look` when the folder may have changed.
    void follow(boost::asio::io_context& io, std::function<void()> look);

private:
    std::filesystem::path path_;
    source::manifest_folder folder_;
    source::ingress::translator translator_;
    std::unique_ptr<source::folder_watch> watch_;
    std::set<std::string> told_;
};

// A folder as `adit serve` would begin with it: what is served, and all that is wrong with the rest.
struct manifest_reading {
    model::gateway wish;
    complaints found;
    bool read = false; // the folder could be looked into
};
manifest_reading read_manifests(const std::filesystem::path& folder, const source::ingress::options& by);

// Takes those routes out of `wish` that do not compile alone, and says so. True if there were any.
bool drop_broken_routes(model::gateway& wish, complaints& found);

} // namespace adit::cli
