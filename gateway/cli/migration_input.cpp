#include "cli/migration_input.hpp"

#include "source/file/load.hpp"
#include "source/manifests/folder.hpp"
#include "source/manifests/read.hpp"

#include <filesystem>
#include <iostream>
#include <iterator>
#include <system_error>

namespace adit::cli {

namespace {

void add_text(std::string_view text, const std::string& name, migration_input& into) {
    auto read = source::read_manifest(text, name);
    for (const auto& one : read.objects) into.objects.put(one);
    into.problems.insert(into.problems.end(), read.problems.begin(), read.problems.end());
}

void add_problem(const std::string& name, const std::string& message, migration_input& into) {
    into.problems.push_back({complaint::severity::error, {name, 0, 0}, {}, message, {}});
}

void add_stdin(migration_input& into) {
    const std::string name = "stdin";
    std::string text;
    char bytes[64 * 1024];
    while (std::cin.read(bytes, sizeof bytes) || std::cin.gcount() > 0) {
        text.append(bytes, static_cast<std::size_t>(std::cin.gcount()));
        if (text.size() <= source::max_manifest_size) continue;
        return add_problem(
            name, "is larger than " + std::to_string(source::max_manifest_size / (1024 * 1024)) + " MiB", into
        );
    }
    add_text(text, name, into);
}

void add_folder(const std::string& path, migration_input& into) {
    source::manifest_folder folder(path);
    folder.look();
    using source::cluster::state;
    const auto put = [&](const auto& table) {
        for (const auto& [key, one] : table) into.objects.put(one);
    };
    const auto& held = folder.objects();
    put(held.all<source::cluster::ingress>());
    put(held.all<source::cluster::ingress_class>());
    put(held.all<source::cluster::service>());
    put(held.all<source::cluster::endpoint_slice>());
    put(held.all<source::cluster::endpoints>());
    put(held.all<source::cluster::secret>());
    put(held.all<source::cluster::config_map>());
    into.problems.insert(into.problems.end(), folder.problems().begin(), folder.problems().end());
}

void add_file(const std::string& path, migration_input& into) {
    model::fault why;
    if (const auto text = source::load(path, source::max_manifest_size, &why))
        add_text(*text, path, into);
    else
        add_problem(path, "the file " + why.message, into);
}

} // namespace

migration_input read_migration_input(const std::vector<std::string>& paths) {
    migration_input out;
    for (const auto& path : paths) {
        std::error_code ignored;
        if (path == "-")
            add_stdin(out);
        else if (std::filesystem::is_directory(path, ignored))
            add_folder(path, out);
        else
            add_file(path, out);
    }
    return out;
}

} // namespace adit::cli
