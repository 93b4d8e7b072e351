#include "cli/command.hpp"
#include "cli/ingress_flags.hpp"
#include "cli/manifest_source.hpp"
#include "cli/migration_input.hpp"
#include "cli/migration_text.hpp"
#include "cli/output.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>
#include <vector>

namespace adit::cli {

namespace {

struct migrate_options {
    std::vector<std::string> paths;
    std::string format = "text";
    source::ingress::options ingress;
};

int migrate(const migrate_options& options) {
    auto input = read_migration_input(options.paths);
    const auto report = source::ingress::judge_migration(
        std::move(input.objects), options.ingress, input.problems,
        [](model::gateway& wish, complaints& found) { drop_broken_routes(wish, found); }
    );
    if (options.format == "json")
        print(boost::json::value(migration_json(report)));
    else
        print(options.format == "markdown" ? migration_markdown(report) : migration_text(report));
    return report.ready() ? exit_code::done : exit_code::failed;
}

} // namespace

void add_migrate(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("migrate", "Say what becomes of ingress-nginx's Ingresses with Adit");
    auto options = std::make_shared<migrate_options>();
    command
        ->add_option(
            "objects", options->paths,
            "Files and folders with what `kubectl get -o yaml` or `-o json` says; - is stdin"
        )
        ->type_name("PATH");
    command->add_option("-o,--format,--output", options->format, "How to print: text, markdown or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "markdown", "json"}))
        ->capture_default_str();
    add_ingress_flags(*command, options->ingress);
    command->footer("Ends with 0 where everything is supported, differences that are told included, and with "
                    "1 where something\n"
                    "is not, or could not be read. Add secrets and services to what kubectl gets and they "
                    "are looked at as well.\n"
                    "Examples:\n"
                    "  kubectl get ingress,ingressclass,configmap -A -o yaml | adit migrate -\n"
                    "  adit migrate objects --configmap ingress-nginx/ingress-nginx-controller\n"
                    "  adit migrate cluster.yaml --format markdown > migration.md");
    command->callback([options, &code] {
        if (options->paths.empty()) throw CLI::RequiredError("PATH");
        code = migrate(*options);
    });
}

} // namespace adit::cli
