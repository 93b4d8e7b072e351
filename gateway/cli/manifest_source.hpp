// A folder of manifests as a source of wishes.
#pragma once

#include "cli/ingress_source.hpp"
#include "model/gateway.hpp"
#include "source/file/folder_watch.hpp"
#include "source/ingress/translate.hpp"
#include "source/manifests/folder.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace adit::cli {

// Control thread only.
class manifest_source final : public ingress_source {
public:
    manifest_source(
        std::filesystem::path folder, source::ingress::options by, std::vector<model::listener> listeners
    );

    bool look() override { return folder_.look(); }
    bool found() const override { return folder_.found(); }
    void follow(boost::asio::io_context& io, std::function<void()> changed) override;
    std::string whence() const override { return "the folder " + path_.string(); }

private:
    const source::cluster::state& objects() const override { return folder_.objects(); }
    source::cluster::lookups take_touched() override { return folder_.take_touched(); }
    complaints problems() const override { return folder_.problems(); }

    std::filesystem::path path_;
    source::manifest_folder folder_;
    std::unique_ptr<source::folder_watch> watch_;
};

// A folder as `adit serve` would begin with it: what is served, and all that is wrong with the rest.
struct manifest_reading {
    model::gateway wish;
    complaints found;
    bool read = false; // the folder could be looked into
};
manifest_reading read_manifests(const std::filesystem::path& folder, const source::ingress::options& by);

} // namespace adit::cli
