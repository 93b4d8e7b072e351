#include "cli/admin_access.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/top_table.hpp"
#include "model/units.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace adit::cli {

namespace {

using clock = std::chrono::steady_clock;

constexpr const char* from_the_top = "\x1b[H\x1b[2J"; // of a terminal: cursor home, clear
constexpr std::size_t lines_around = 3;               // above and below the table

struct top_options {
    std::string interval = "2s";
    bool once = false;
    admin_access access;
    output format = output::text;
};

struct look {
    figures seen;
    clock::time_point at;
};

std::optional<look> look_at(const admin_access& access) {
    const auto answer = ask_or_complain(access, {.path = "/metrics"});
    if (!answer) return std::nullopt;
    return look{read_figures(answer->body), clock::now()};
}

// Rows of the terminal; 0 = it is none.
std::size_t terminal_rows() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_row;
}

void show(const top_options& options, const std::vector<track_rates>& rows) {
    if (options.format == output::json) return print(boost::json::value(to_json(rows)));
    const auto height = options.once ? 0 : terminal_rows();
    std::string text = height > 0 ? from_the_top : "";
    if (height > 0) text += options.access.address + ", every " + options.interval + ", Ctrl-C ends\n\n";
    text += top_table(rows, height > lines_around + 2 ? height - lines_around - 2 : 0);
    if (height == 0 && !options.once) text += '\n';
    print(text);
    std::fflush(stdout);
}

int run(const top_options& options) {
    model::fault why;
    const auto interval = model::parse_duration(options.interval, &why);
    if (!interval || interval->count() == 0)
        throw CLI::ValidationError("--interval: " + (interval ? "0s is too short" : why.message));
    auto before = look_at(options.access);
    if (!before) return exit_code::failed;
    for (;;) {
        std::this_thread::sleep_for(*interval);
        auto after = look_at(options.access);
        if (!after) return exit_code::failed;
        const std::chrono::duration<double> passed = after->at - before->at;
        show(options, rates_between(before->seen, after->seen, passed.count()));
        if (options.once) return exit_code::done;
        before = std::move(after);
    }
}

} // namespace

void add_top(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("top", "Watch what each track of a running gateway has to do");
    auto options = std::make_shared<top_options>();
    command->add_option("--interval", options->interval, "Time between two looks, and what rates are of")
        ->type_name("TIME")
        ->capture_default_str();
    command->add_flag("--once", options->once, "Show one interval and end");
    add_admin_options(*command, options->access);
    add_output_option(*command, options->format);
    command->footer("P50 and P99 are told from the buckets of "
                    "adit_request_duration_seconds, as exactly as those are.\n"
                    "Examples:\n"
                    "  adit top\n"
                    "  adit top --once --interval 10s -o json");
    command->callback([options, &code] { code = run(*options); });
}

} // namespace adit::cli
