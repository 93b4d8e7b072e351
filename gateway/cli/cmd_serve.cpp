#include "cli/command.hpp"
#include "cli/daemon.hpp"
#include "cli/daemon_flags.hpp"
#include "cli/ingress_flags.hpp"
#include "core/log.hpp"
#include "source/kubernetes/access.hpp"

#include <CLI/Error.hpp>

#include <array>

namespace adit::cli {

namespace {

constexpr const char* usual_http = ":8080";
constexpr const char* usual_https = ":8443";

void name_sources(CLI::App& command, daemon_options& options) {
    auto* config =
        command.add_option("-c,--config", options.config_file, "YAML file; see config/reference.md")
            ->type_name("FILE");
    auto* manifests =
        command
            .add_option(
                "--manifests", options.manifests,
                "Folder with Kubernetes objects (*.yaml, *.json): Ingresses as ingress-nginx reads them"
            )
            ->type_name("DIR")
            ->excludes(config);
    auto* inside = command
                       .add_flag(
                           "--kubernetes", options.kubernetes,
                           "The same objects of the cluster that this runs in, by its service account"
                       )
                       ->excludes(config)
                       ->excludes(manifests);
    command
        .add_option(
            "--kubeconfig", options.kubeconfig,
            "The same objects of the API server that the current context of this file names"
        )
        ->type_name("FILE")
        ->excludes(config)
        ->excludes(manifests)
        ->excludes(inside);
    options.service_account = source::kubernetes::service_account_folder;
    command
        .add_option(
            "--service-account", options.service_account, "Where token and ca.crt are, for --kubernetes"
        )
        ->type_name("DIR")
        ->capture_default_str();
}

// As ingress-nginx has them.
constexpr std::array<const char*, 4> publish_flags{
    "--update-status", "--publish-status-address", "--publish-service", "--election-id"};

void add_publish_flags(CLI::App& command, source::kubernetes::publish_options& by) {
    constexpr const char* group = "Status of Ingresses (with --kubernetes or --kubeconfig)";
    command
        .add_flag(
            "--update-status", by.update,
            "Write where Ingresses are reached, once one of the next two flags says it; default true"
        )
        ->group(group);
    command
        .add_option(
            "--publish-status-address", by.addresses, "IP addresses or names, with commas; repeatable"
        )
        ->type_name("ADDR")
        ->delimiter(',')
        ->group(group);
    command.add_option("--publish-service", by.service, "The addresses of this Service")
        ->type_name("NAMESPACE/NAME")
        ->group(group);
    command
        .add_option("--election-id", by.election_id, "One replica writes: the holder of the Lease ID-adit")
        ->type_name("ID")
        ->capture_default_str()
        ->group(group);
}

void warn_of_publish_flags(const CLI::App& command, const daemon_options& options) {
    if (options.kubernetes || !options.kubeconfig.empty()) return;
    for (const auto* name : publish_flags)
        if (command.get_option(name)->count() > 0)
            log_warning("this flag has no effect without an API server", {{"flag", name}});
}

int serve(const CLI::App& command, daemon_options& options) {
    if (options.config_file.empty() && !options.reads_objects())
        throw CLI::RequiredError("--config FILE, --manifests DIR, --kubernetes or --kubeconfig FILE");
    warn_of_ingress_flags(command);
    warn_of_publish_flags(command, options);
    if (options.reads_objects()) {
        if (options.http.empty()) options.http = {usual_http};
        options.usual_https = options.https.empty();
        if (options.https.empty()) options.https = {usual_https};
    }
    return daemon(options).run();
}

} // namespace

void add_serve(CLI::App& root, int& code) {
    auto* command = root.add_subcommand(
        "serve",
        "Serve what a file, a folder of manifests or a Kubernetes cluster asks for, and follow its changes"
    );
    auto options = std::make_shared<daemon_options>();
    options->status = ":10254";
    options->admin = "127.0.0.1:9090";
    name_sources(*command, *options);
    add_daemon_flags(*command, *options);
    add_publish_flags(*command, options->publish);
    add_ingress_flags(*command, options->ingress);
    command->footer(
        "Examples:\n"
        "  adit serve --config adit.yaml\n"
        "  adit serve --config adit.yaml --http :8080 --state-dir /var/lib/adit\n"
        "  kubectl get ingress,ingressclass,service,endpointslices -A -o yaml > objects/cluster.yaml\n"
        "  adit serve --manifests objects --http :8080 --https :8443\n"
        "  adit serve --kubernetes --configmap ingress/controller\n"
        "  adit serve --kubeconfig ~/.kube/config --watch-namespace shop --http :8080\n"
        "With Kubernetes objects the addresses are :8080 and :8443 unless said otherwise. Flags of\n"
        "ingress-nginx that are not listed here are accepted and have no effect.\n"
        "Sockets of --listen-fds are for what LISTEN_FDNAMES says: http (also without a name), https,\n"
        "admin, status. They take the place of the addresses for the same; whoever holds them can\n"
        "start the next Adit on them before it ends this one, and no connection is lost.\n"
        "Signals: SIGHUP reads the source again; SIGUSR1 opens the access log again, after a rotation;\n"
        "SIGTERM and SIGINT drain (keys `drain.min`, `drain.max`), exit code 0; a second one stops at once,\n"
        "exit code 1."
    );
    command->callback([command, options, &code] { code = serve(*command, *options); });
}

} // namespace adit::cli
