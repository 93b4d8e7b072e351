#include "cli/command.hpp"
#include "cli/daemon.hpp"
#include "cli/daemon_flags.hpp"
#include "cli/demo/addresses.hpp"
#include "cli/demo/lines.hpp"
#include "cli/demo/stage.hpp"
#include "cli/demo/token_memory.hpp"
#include "cli/output.hpp"

#include <cstdio>
#include <cstdlib>
#include <errno.h> // program_invocation_name
#include <memory>
#include <optional>
#include <string_view>

namespace adit::cli {

namespace {

constexpr model::weight canary_weight{.hundredths = 1000};
constexpr std::chrono::seconds longest_drain{5}; // nothing of value is under way here
constexpr unsigned workers = 2;
constexpr traffic_options users{};

bool in_image() {
    const char* told = std::getenv("ADIT_IN_IMAGE");
    return told && std::string_view(told) == "1";
}

model::track track(const char* name, const demo_upstream& to, model::weight share) {
    const auto at = to.endpoint();
    return {
        .name = name,
        .endpoints = {{.host = at.address().to_string(), .port = at.port()}},
        .weight = share,
        .at = {}};
}

model::gateway wish(const demo_stage& stage) {
    model::route route;
    route.name = "default";
    route.tracks = {track("stable", stage.v1(), {}), track("canary", stage.v2(), canary_weight)};
    route.tell_server_timing = true;
    model::gateway out;
    out.routes.push_back(std::move(route));
    out.drain.max = longest_drain;
    return out;
}

// In the image nobody could reach a loopback address, so the API is open to the outside, for who knows the
// token.
bool wants_token(const daemon_options& options) {
    return in_image() && !options.admin.empty() && options.admin_token_file.empty() && !options.admin_open &&
           has_errors(admin::check_admin_address(options.admin, false, false)) &&
           !has_errors(admin::check_admin_address(options.admin, true, false));
}

bool addresses_free(const daemon_options& options) {
    const auto refuse = [](const std::string& taken, const std::string& advice) {
        complain(taken + " is taken: another program listens there", "try `adit demo " + advice + "`");
        return false;
    };
    if (const auto taken = taken_address(options.http); !taken.empty())
        return refuse(taken, "--http 127.0.0.1:0");
    if (const auto taken = taken_address({options.admin}); !taken.empty())
        return refuse(taken, "--http 127.0.0.1:0 --admin 127.0.0.1:0");
    if (const auto taken = taken_address({options.status}); !taken.empty())
        return refuse(taken, "--status 127.0.0.1:0");
    return true;
}

demo_facts facts(const daemon& gateway, const std::string& token) {
    const auto authority = [](const std::optional<net::tcp::endpoint>& bound) {
        return bound ? to_authority(reachable(*bound)) : std::string{};
    };
    return {
        .program = program_invocation_name,
        .app = authority(gateway.http().front()),
        .admin = authority(gateway.admin()),
        .status = authority(gateway.status()),
        .token = token,
        .token_file = token.empty() ? gateway.options().admin_token_file : std::string{},
        .weight = model::to_text(canary_weight),
        .rate = users.rate,
        .users = users.users};
}

int run(daemon_options options) {
    if (options.http.empty()) options.http.emplace_back(in_image() ? "0.0.0.0:8080" : "127.0.0.1:8080");
    if (!addresses_free(options)) return exit_code::failed;
    std::string token;
    std::optional<token_memory> kept;
    if (wants_token(options)) {
        token = make_token();
        kept.emplace(token);
        options.admin_token_file = kept->path();
    }
    demo_stage stage(users);
    options.wish = wish(stage);
    daemon gateway(std::move(options));
    bool opened = false;
    gateway.on_ready = [&] {
        const auto told = facts(gateway, token);
        for (const auto& line : demo_lines(told)) std::puts(line.c_str());
        std::fflush(stdout);
        stage.open(reachable(gateway.http().front()), weight_command(told, false));
        opened = true;
    };
    const int code = gateway.run();
    if (opened) std::puts(("The demo has ended: " + stage.end()).c_str());
    return code;
}

} // namespace

void add_demo(CLI::App& root, int& code) {
    auto* command = root.add_subcommand(
        "demo", "Try it: a gateway, two versions behind it and some traffic, in one process"
    );
    auto options = std::make_shared<daemon_options>();
    options->admin = in_image() ? "0.0.0.0:9090" : "127.0.0.1:9090";
    options->workers = workers;
    add_daemon_flags(*command, *options);
    command->footer(
        "The one route is named \"default\": v1 (blue) is its stable track, v2 (green) its canary at " +
        model::to_text(canary_weight) +
        " %.\n"
        "Examples:\n"
        "  adit demo\n"
        "  adit demo --http 127.0.0.1:0 --admin 127.0.0.1:0\n"
        "  adit weight set default canary=50\n"
        "  curl -i http://127.0.0.1:8080/color"
    );
    command->callback([options, &code] { code = run(std::move(*options)); });
}

} // namespace adit::cli
