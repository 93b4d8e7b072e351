#include "cli/manifest_source.hpp"

#include "cli/compiled.hpp"
#include "cli/upstream_targets.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace adit::cli {

manifest_source::manifest_source(
    std::filesystem::path folder, source::ingress::options by, std::vector<model::listener> listeners
)
    : path_(folder), folder_(std::move(folder)), translator_(std::move(by), std::move(listeners)) {}

manifest_source::offer manifest_source::translate() {
    auto made = translator_.run(folder_.objects());
    offer out;
    out.wish = std::move(made.wish);
    out.all = folder_.problems();
    out.all.insert(
        out.all.end(), std::make_move_iterator(made.found.begin()), std::make_move_iterator(made.found.end())
    );
    std::set<std::string> now;
    for (const auto& one : out.all)
        if (auto text = to_text(one); now.insert(text).second && !told_.contains(text))
            out.news.push_back(one);
    told_ = std::move(now);
    return out;
}

void manifest_source::follow(boost::asio::io_context& io, std::function<void()> look) {
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
            std::move(look)},
        soon
    );
}

manifest_reading read_manifests(const std::filesystem::path& folder, const source::ingress::options& by) {
    manifest_reading out;
    manifest_source source(folder, by, {});
    source.look();
    auto offer = source.translate();
    out.found = std::move(offer.all);
    out.wish = std::move(offer.wish);
    out.read = source.found();
    drop_broken_routes(out.wish, out.found);
    return out;
}

bool drop_broken_routes(model::gateway& wish, complaints& found) {
    const auto before = wish.routes.size();
    model::gateway alone;
    alone.incoming_colour = wish.incoming_colour;
    std::erase_if(wish.routes, [&](const model::route& one) {
        alone.routes = {one};
        complaints wrong;
        compile(alone, nullptr, wrong);
        upstream_targets::load(alone, wrong);
        const bool broken = has_errors(wrong);
        if (one.counted_as.find('/') != std::string::npos)
            for (auto& each : wrong) each.key = "Ingress " + one.counted_as + ": " + each.key;
        if (broken) found.insert(found.end(), wrong.begin(), wrong.end());
        return broken;
    });
    return wish.routes.size() != before;
}

} // namespace adit::cli
