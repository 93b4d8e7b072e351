#include "cli/command.hpp"
#include "cli/daemon.hpp"
#include "cli/daemon_flags.hpp"
#include "model/address.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace adit::cli {

namespace {

struct proxy_options {
    std::string stable, canary, weight = "0";
    std::vector<std::string> certificates, keys;
    daemon_options daemon;
};

bool add_track(model::route& route, const char* name, const std::string& url, const std::string& weight) {
    model::fault why;
    const auto endpoint = model::parse_upstream_url(url, &why);
    if (!endpoint) {
        std::fprintf(
            stderr, "--%s: %s%s\n", name, why.message.c_str(),
            why.hint.empty() ? "" : (" (" + why.hint + ")").c_str()
        );
        return false;
    }
    auto wrong = model::weight_error::not_a_number;
    const auto share = model::parse_weight(weight, &wrong);
    if (!share) {
        std::fprintf(
            stderr, "--weight: %s (0 to 100, for example 12.5)\n", std::string(model::to_text(wrong)).c_str()
        );
        return false;
    }
    route.tracks.push_back({.name = name, .endpoints = {*endpoint}, .weight = *share, .at = {}});
    return true;
}

bool add_certificates(proxy_options& options) {
    if (options.certificates.size() != options.keys.size()) {
        std::fprintf(
            stderr, "--cert, --key: %zu certificates and %zu keys (each certificate needs its key)\n",
            options.certificates.size(), options.keys.size()
        );
        return false;
    }
    for (std::size_t i = 0; i < options.keys.size(); ++i) {
        auto& one = options.daemon.wish.tls.certificates.emplace_back();
        one.chain.file = options.certificates[i];
        one.key.file = options.keys[i];
    }
    return true;
}

int run(proxy_options options) {
    model::route route;
    route.name = "default";
    if (!add_track(route, "stable", options.stable, "0")) return exit_code::usage;
    if (!options.canary.empty() && !add_track(route, "canary", options.canary, options.weight))
        return exit_code::usage;
    options.daemon.wish.routes.push_back(std::move(route));
    if (!add_certificates(options)) return exit_code::usage;
    const bool placed = !options.daemon.http.empty() || !options.daemon.https.empty();
    if (!placed && !options.daemon.listen_fds) options.daemon.http.emplace_back(":8080");
    return daemon(std::move(options.daemon)).run();
}

} // namespace

void add_proxy(CLI::App& root, int& code) {
    auto* command = root.add_subcommand(
        "proxy", "Put one service, and perhaps its canary, behind the gateway; no file at all"
    );
    auto options = std::make_shared<proxy_options>();
    options->daemon.admin = "127.0.0.1:9090";
    command->add_option("--stable", options->stable, "Where requests go: http://host[:port]")
        ->required()
        ->type_name("URL");
    auto* canary =
        command->add_option("--canary", options->canary, "Where the canary's share goes")->type_name("URL");
    command->add_option("--weight", options->weight, "The canary's share in percent, to 0.01")
        ->type_name("N")
        ->capture_default_str()
        ->needs(canary);
    command
        ->add_option(
            "--cert", options->certificates,
            "Certificate for --https, PEM; repeatable, each with its --key; none = one is made up"
        )
        ->type_name("FILE")
        ->allow_extra_args(false);
    command->add_option("--key", options->keys, "The certificate's key, PEM")
        ->type_name("FILE")
        ->allow_extra_args(false);
    add_daemon_flags(*command, options->daemon);
    command->footer("Every host and path goes there; the one route is named \"default\".\n"
                    "Examples:\n"
                    "  adit proxy --stable http://127.0.0.1:3000\n"
                    "  adit proxy --stable http://127.0.0.1:3000 --canary http://127.0.0.1:3001 --weight 10\n"
                    "  adit proxy --stable http://127.0.0.1:3000 --https :8443 --cert tls.crt --key tls.key\n"
                    "  adit weight set default canary=25");
    command->callback([options, &code] { code = run(std::move(*options)); });
}

} // namespace adit::cli
