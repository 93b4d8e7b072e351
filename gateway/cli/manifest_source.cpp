#include "cli/manifest_source.hpp"

#include <chrono>
#include <vector>

namespace adit::cli {

manifest_source::manifest_source(
    std::filesystem::path folder, source::ingress::options by, std::vector<model::listener> listeners
)
    : ingress_source(std::move(by), std::move(listeners)), path_(folder), folder_(std::move(folder)) {}

void manifest_source::follow(boost::asio::io_context& io, std::function<void()> changed) {
    using namespace std::chrono_literals;
    // A change of an Ingress or its endpoints is to be in force within a second, whatever says so.
    constexpr source::watch_settings soon{.quiet = 20ms, .patience = 200ms, .poll = 700ms};
    // In a mounted ConfigMap the files lie in the folder that `..data` leads to.
    watch_ = std::make_unique<source::folder_watch>(
        io,
        source::folder_watch_hooks{
            [path = path_] {
                return std::vector<std::filesystem::path>{path, path / "..data"};
            },
            {},
            std::move(changed)},
        soon
    );
}

manifest_reading read_manifests(const std::filesystem::path& folder, const source::ingress::options& by) {
    manifest_reading out;
    source::manifest_folder from(folder);
    from.look();
    auto made = source::ingress::translator(by, {}).run(from.objects());
    out.found = from.problems();
    out.found.insert(out.found.end(), made.found.begin(), made.found.end());
    out.wish = std::move(made.wish);
    out.read = from.found();
    drop_broken_routes(out.wish, out.found);
    return out;
}

} // namespace adit::cli
