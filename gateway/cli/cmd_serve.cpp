#include "cli/command.hpp"
#include "cli/daemon.hpp"
#include "cli/daemon_flags.hpp"
#include "cli/ingress_flags.hpp"

#include <CLI/Error.hpp>

namespace adit::cli {

namespace {

constexpr const char* usual_http = ":8080";
constexpr const char* usual_https = ":8443";

void name_sources(CLI::App& command, daemon_options& options) {
    auto* config =
        command.add_option("-c,--config", options.config_file, "YAML file; see config/reference.md")
            ->type_name("FILE");
    command
        .add_option(
            "--manifests", options.manifests,
            "Folder with Kubernetes objects (*.yaml, *.json): Ingresses as ingress-nginx reads them"
        )
        ->type_name("DIR")
        ->excludes(config);
}

int serve(const CLI::App& command, daemon_options& options) {
    if (options.config_file.empty() && options.manifests.empty())
        throw CLI::RequiredError("--config FILE or --manifests DIR");
    warn_of_ingress_flags(command);
    if (!options.manifests.empty()) {
        if (options.http.empty()) options.http = {usual_http};
        options.usual_https = options.https.empty();
        if (options.https.empty()) options.https = {usual_https};
    }
    return daemon(options).run();
}

} // namespace

void add_serve(CLI::App& root, int& code) {
    auto* command = root.add_subcommand(
        "serve", "Serve what a configuration file or a folder of manifests asks for, and follow its changes"
    );
    auto options = std::make_shared<daemon_options>();
    options->status = ":10254";
    options->admin = "127.0.0.1:9090";
    name_sources(*command, *options);
    add_daemon_flags(*command, *options);
    add_ingress_flags(*command, options->ingress);
    command->footer(
        "Examples:\n"
        "  adit serve --config adit.yaml\n"
        "  adit serve --config adit.yaml --http :8080 --state-dir /var/lib/adit\n"
        "  kubectl get ingress,ingressclass,service,endpointslices -A -o yaml > objects/cluster.yaml\n"
        "  adit serve --manifests objects --http :8080 --https :8443\n"
        "With --manifests the addresses are :8080 and :8443 unless said otherwise. Flags of ingress-nginx\n"
        "that are not listed here are accepted and have no effect.\n"
        "Sockets of --listen-fds are for what LISTEN_FDNAMES says: http (also without a name), https,\n"
        "admin, status. They take the place of the addresses for the same; whoever holds them can\n"
        "start the next Adit on them before it ends this one, and no connection is lost.\n"
        "Signals: SIGHUP reads the file again; SIGUSR1 opens the access log again, after a rotation;\n"
        "SIGTERM and SIGINT drain (keys `drain.min`, `drain.max`), exit code 0; a second one stops at once,\n"
        "exit code 1."
        "Signals: SIGHUP reads the source again; SIGTERM and SIGINT drain (keys `drain.min`, `drain.max`),\n"
        "exit code 0; a second one stops at once, exit code 1."
    );
    command->callback([command, options, &code] { code = serve(*command, *options); });
}

} // namespace adit::cli
