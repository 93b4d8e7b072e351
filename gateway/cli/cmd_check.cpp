#include "admin/views.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/compiled.hpp"
#include "cli/ingress_flags.hpp"
#include "cli/manifest_source.hpp"
#include "cli/output.hpp"
#include "cli/tls_loading.hpp"
#include "model/defaults.hpp"
#include "source/file/read.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>
#include <memory>
#include <string>

namespace adit::cli {

namespace {

namespace json = boost::json;

struct check_options {
    std::string file;      // or the folder of manifests
    std::string manifests; // the same, when it is one
    source::ingress::options ingress;
    bool defaults = false;
    output format = output::text;
};

// What reading, validating and compiling a file came to.
struct judgement {
    complaints found;
    bool good = false;
    std::size_t routes = 0, tracks = 0, listeners = 0;
};

std::string counted(std::size_t number, std::string_view one) {
    return std::to_string(number) + ' ' + std::string(one) + (number == 1 ? "" : "s");
}

judgement judge(const std::string& file) {
    judgement out;
    auto reading = source::read_file(file);
    out.found = std::move(reading.problems);
    if (!reading.gateway) return out;
    // What no worker could run on is no good either, however it reads.
    const auto& wish = *reading.gateway;
    const bool compiled = compile(wish, nullptr, out.found).has_value();
    check_tls_files(wish, out.found);
    out.good = compiled && !has_errors(out.found);
    out.routes = wish.routes.size();
    out.listeners = wish.listeners.size();
    for (const auto& route : wish.routes) out.tracks += route.tracks.size();
    return out;
}

// What of a folder would not be served; the rest would.
judgement judge_manifests(const check_options& options) {
    judgement out;
    auto reading = read_manifests(options.manifests, options.ingress);
    out.found = std::move(reading.found);
    if (!reading.read) return out;
    out.good = !has_errors(out.found);
    out.routes = reading.wish.routes.size();
    for (const auto& route : reading.wish.routes) out.tracks += route.tracks.size();
    return out;
}

void tell(const std::string& file, const judgement& of) {
    for (const auto& one : of.found) std::cerr << to_text(one) << '\n';
    if (!of.good) return;
    print(
        file + ": ok: " + counted(of.routes, "route") + ", " + counted(of.tracks, "track") + ", " +
        counted(of.listeners, "listener") +
        (of.found.empty() ? "" : ", " + counted(of.found.size(), "warning")) + '\n'
    );
}

void tell(const std::string& file, const judgement& of, json::object& into) {
    into["file"] = file;
    into["ok"] = of.good;
    into["complaints"] = admin::to_json(of.found);
    if (!of.good) return;
    into["routes"] = of.routes;
    into["tracks"] = of.tracks;
    into["listeners"] = of.listeners;
}

std::string defaults_text() {
    columns rows;
    rows.add({"KEY", "DEFAULT", "MEANING"});
    for (const auto& one : model::defaults())
        rows.add({std::string(one.key), one.value, std::string(one.meaning)});
    return rows.text();
}

json::array defaults_json() {
    json::array out;
    for (const auto& one : model::defaults())
        out.push_back(json::object{{"key", one.key}, {"default", one.value}, {"meaning", one.meaning}});
    return out;
}

int check(const check_options& options) {
    const auto result = !options.manifests.empty() ? judge_manifests(options)
                        : options.file.empty()     ? judgement{.found = {}, .good = true}
                                                   : judge(options.file);
    if (options.format == output::json) {
        json::object out;
        if (!options.file.empty()) tell(options.file, result, out);
        if (options.defaults) out["defaults"] = defaults_json();
        print(json::value(std::move(out)));
    } else {
        if (!options.file.empty()) tell(options.file, result);
        if (options.defaults) print(defaults_text());
    }
    return result.good ? exit_code::done : exit_code::failed;
}

} // namespace

void add_check(CLI::App& root, int& code) {
    auto* command =
        root.add_subcommand("check", "Say what is wrong with a configuration, and change nothing");
    auto options = std::make_shared<check_options>();
    auto* config = command->add_option("-c,--config", options->file, "YAML file; see config/reference.md")
                       ->type_name("FILE");
    command
        ->add_option(
            "--manifests", options->manifests,
            "Folder with Kubernetes objects, as for `adit serve`; see config/ingress.md"
        )
        ->type_name("DIR")
        ->excludes(config);
    command->add_flag("--defaults", options->defaults, "Print every default");
    add_output_option(*command, options->format);
    add_ingress_flags(*command, options->ingress);
    command->footer("Errors end it with 1, warnings do not.\n"
                    "Examples:\n"
                    "  adit check --config adit.yaml\n"
                    "  adit check --config adit.yaml -o json\n"
                    "  adit check --manifests objects --compat strict\n"
                    "  adit check --defaults");
    command->callback([options, &code] {
        if (!options->manifests.empty()) options->file = options->manifests;
        if (!options->defaults && options->file.empty())
            throw CLI::RequiredError("--config FILE, --manifests DIR or --defaults");
        code = check(*options);
    });
}

} // namespace adit::cli
