#include "source/manifests/read.hpp"

#include "source/cluster/documents.hpp"
#include "source/file/tree.hpp"

namespace adit::source {

namespace {

constexpr tree_bounds bounds{.depth = 100, .nodes = 4'000'000, .first_line = 1};

} // namespace

bool is_manifest_name(std::string_view name) {
    return !name.starts_with('.') &&
           (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

cluster::decoded read_manifest(std::string_view text, const std::string& path) {
    cluster::decoded out;
    for (const auto& document : cluster::split_documents(text)) {
        complaint problem;
        auto within = bounds;
        within.first_line = document.first_line;
        const auto parsed = tree::parse(document.text, path, problem, within);
        if (parsed && parsed->root().what != node::kind::nothing)
            cluster::decode(parsed->root(), path, out);
        else if (!parsed)
            out.problems.push_back(std::move(problem));
    }
    return out;
}

} // namespace adit::source
