#include "cli/daemon_flags.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace adit::cli {

void add_daemon_flags(CLI::App& command, daemon_options& options) {
    command
        .add_option(
            "--http", options.http, "Where to listen for clients, instead of the file's listeners; repeatable"
        )
        ->type_name("ADDR");
    command.add_option("--https", options.https, "The same for clients that speak TLS; repeatable")
        ->type_name("ADDR");
    command
        .add_option(
            "--admin", options.admin, "Admin API: everything; elsewhere than on loopback only with a token"
        )
        ->type_name("ADDR")
        ->capture_default_str();
    command.add_option("--status", options.status, "Probes and metrics, read only")
        ->type_name("ADDR")
        ->capture_default_str();
    command
        .add_option(
            "--admin-token-file", options.admin_token_file, "File whose first line the admin API asks for"
        )
        ->type_name("FILE");
    command.add_flag("--admin-open", options.admin_open, "Let the admin API listen anywhere without a token");
    command.add_flag(
        "--listen-fds", options.listen_fds,
        "Take the listening sockets that the process was started with (LISTEN_FDS, as systemd does)"
    );
    command.add_option("--workers", options.workers, "Threads that carry requests; 0 = one for each core")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(0, 256));
    command
        .add_option(
            "--state-dir", options.state_directory, "Where overrides and made-up keys outlive the process"
        )
        ->type_name("DIR");
    command
        .add_option("--keys", options.keys_directory, "Keys that replicas share: files cookie, ticket, peer")
        ->type_name("DIR");
    command
        .add_option(
            "--access-log", options.access_log, "File to write a line about every exchange to, or stdout"
        )
        ->type_name("FILE");
    command
        .add_option(
            "--access-log-format", options.access_log_format, "How its lines are written: json, ecs, combined"
        )
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"json", "ecs", "combined"}));
    command
        .add_option(
            "--zone", options.zone, "Where this gateway runs, for routes that prefer endpoints of its zone"
        )
        ->type_name("NAME");
}

} // namespace adit::cli
