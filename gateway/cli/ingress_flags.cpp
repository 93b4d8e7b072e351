#include "cli/ingress_flags.hpp"

#include "core/log.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <array>

namespace adit::cli {

namespace {

constexpr const char* group = "Ingress controller (with Kubernetes objects)";

struct ignored_flag {
    const char* name;
    bool value; // takes one
};
// Of ingress-nginx; hidden from --help.
constexpr std::array<ignored_flag, 67> ignored{{
    {"--alsologtostderr", false},
    {"--apiserver-host", true},
    {"--bucket-factor", true},
    {"--certificate-authority", true},
    {"--deep-inspect", false},
    {"--default-server-port", true},
    {"--disable-catch-all", false},
    {"--disable-full-test", false},
    {"--disable-leader-election", false},
    {"--disable-svc-external-name", false},
    {"--disable-sync-events", false},
    {"--dynamic-configuration-retries", true},
    {"--election-id", true},
    {"--election-ttl", true},
    {"--enable-annotation-validation", false},
    {"--enable-metrics", false},
    {"--enable-ssl-chain-completion", false},
    {"--enable-ssl-passthrough", false},
    {"--enable-topology-aware-routing", false},
    {"--exclude-socket-metrics", true},
    {"--health-check-path", true},
    {"--health-check-timeout", true},
    {"--healthz-host", true},
    {"--healthz-port", true},
    {"--http-port", true},
    {"--https-port", true},
    {"--ingress-class-by-name", false},
    {"--internal-logger-address", true},
    {"--kubeconfig", true},
    {"--length-buckets", true},
    {"--log-backtrace-at", true},
    {"--log-dir", true},
    {"--log-file", true},
    {"--log-file-max-size", true},
    {"--logtostderr", false},
    {"--maxmind-edition-ids", true},
    {"--maxmind-license-key", true},
    {"--maxmind-mirror", true},
    {"--maxmind-retries-count", true},
    {"--maxmind-retries-timeout", true},
    {"--metrics-per-host", false},
    {"--metrics-per-undefined-host", false},
    {"--monitor-max-batch-size", true},
    {"--one-output", false},
    {"--post-shutdown-grace-period", true},
    {"--profiler-address", true},
    {"--profiler-port", true},
    {"--profiling", false},
    {"--publish-service", true},
    {"--publish-status-address", true},
    {"--report-node-internal-ip-address", false},
    {"--report-status-classes", false},
    {"--shutdown-grace-period", true},
    {"--size-buckets", true},
    {"--skip-headers", false},
    {"--ssl-passthrough-proxy-port", true},
    {"--status-port", true},
    {"--status-update-interval", true},
    {"--stderrthreshold", true},
    {"--stream-port", true},
    {"--sync-period", true},
    {"--sync-rate-limit", true},
    {"--tcp-services-configmap", true},
    {"--time-buckets", true},
    {"--udp-services-configmap", true},
    {"--update-status", false},
    {"--update-status-on-shutdown", false},
}};

CLI::Option*
add_text(CLI::App& command, const char* name, std::string& into, const char* help, const char* type) {
    return command.add_option(name, into, help)->type_name(type)->group(group);
}

CLI::Option* add_selector(CLI::App& command, source::ingress::options& by) {
    return command
        .add_option_function<std::string>(
            "--watch-namespace-selector",
            [&by](const std::string& text) {
                model::fault why;
                auto made = source::cluster::label_selector::parse(text, &why);
                if (!made)
                    throw CLI::ValidationError(
                        "--watch-namespace-selector", why.message + " (" + why.hint + ')'
                    );
                by.namespace_selector = std::move(*made);
            },
            "Only Ingresses of namespaces with such labels: \"team=shop,!legacy\""
        )
        ->type_name("SELECTOR")
        ->group(group);
}

void add_ignored(CLI::App& command) {
    for (const auto& one : ignored) {
        if (command.get_option_no_throw(one.name)) continue; // it means something to this command
        auto* made = command.add_option(one.name)->group("");
        if (!one.value) made->expected(0, 1);
    }
    for (const auto* name :
         {"-v,--v", "--vmodule", "--validating-webhook", "--validating-webhook-certificate",
          "--validating-webhook-key"})
        command.add_option(name)->group("");
}

} // namespace

void add_ingress_flags(CLI::App& command, source::ingress::options& by) {
    command
        .add_option_function<std::string>(
            "--compat",
            [&by](const std::string& word) {
                by.mode = word == "strict" ? source::ingress::compat::strict : source::ingress::compat::fixed;
            },
            "fixed mends known defects of ingress-nginx, and warns where that tells; strict has them too"
        )
        ->type_name("strict|fixed")
        ->check(CLI::IsMember({"strict", "fixed"}))
        ->default_str("fixed")
        ->group(group);
    add_text(
        command, "--ingress-class", by.ingress_class,
        "Ingresses whose annotation kubernetes.io/ingress.class is this", "NAME"
    )
        ->capture_default_str();
    add_text(
        command, "--controller-class", by.controller_class,
        "IngressClasses whose spec.controller is this are served", "NAME"
    )
        ->capture_default_str();
    command
        .add_flag(
            "--watch-ingress-without-class", by.without_class, "Ingresses that name no class are served too"
        )
        ->group(group);
    auto* space = add_text(
        command, "--watch-namespace", by.name_space, "Only Ingresses of this namespace; default all", "NAME"
    );
    add_selector(command, by)->excludes(space);
    add_text(command, "--annotations-prefix", by.annotations_prefix, "What annotations begin with", "PREFIX")
        ->capture_default_str();
    add_text(
        command, "--configmap", by.config_map, "ConfigMap with settings, as ingress-nginx has them",
        "NAMESPACE/NAME"
    );
    add_text(
        command, "--default-ssl-certificate", by.default_certificate,
        "Secret with the certificate for hosts that have none; default a made-up one", "NAMESPACE/NAME"
    );
    add_text(
        command, "--default-backend-service", by.default_backend,
        "Service that answers where no path fits; default 404", "NAMESPACE/NAME"
    );
    add_ignored(command);
}

void warn_of_ingress_flags(const CLI::App& command) {
    for (const auto* one : command.get_options())
        if (one->get_group().empty() && one->count() > 0)
            log_warning(
                "this flag of ingress-nginx has no effect", {{"flag", "--" + one->get_single_name()}}
            );
}

} // namespace adit::cli
