#include "cli/admin_access.hpp"
#include "cli/command.hpp"
#include "cli/event_client.hpp"
#include "cli/output.hpp"
#include "cli/tap_text.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/parse.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adit::cli {

namespace {

namespace json = boost::json;

struct tap_options {
    std::vector<std::pair<std::string, std::string>> filters; // by the name of the API
    std::uint64_t count = 0;                                  // then end; 0 = never
    admin_access access;
    output format = output::text;
};

// One event; false when there were enough.
class printer {
public:
    explicit printer(const tap_options& options) : options_(options) {}

    bool hear(std::string_view name, std::string_view data) {
        boost::system::error_code error;
        const auto parsed = json::parse(data, error);
        if (error || !parsed.is_object()) return true;
        if (name == "lost") {
            complain(lost_text(parsed.get_object()));
            return true;
        }
        if (name != "exchange") return true;
        print(
            options_.format == output::json ? std::string(data) + '\n' : exchange_text(parsed.get_object())
        );
        std::fflush(stdout);
        return ++shown_ != options_.count;
    }

    bool had_enough() const { return options_.count != 0 && shown_ == options_.count; }

private:
    const tap_options& options_;
    std::uint64_t shown_ = 0;
};

int run(const tap_options& options) {
    std::string path = "/api/v1/tap";
    for (const auto& [name, value] : options.filters)
        path += (path.find('?') == path.npos ? '?' : '&') + name + '=' + encode_segment(value);
    printer to(options);
    const bool whole = listen_or_complain(
        options.access, {.path = std::move(path)},
        [&](std::string_view name, std::string_view data) { return to.hear(name, data); }
    );
    if (!whole) return exit_code::failed;
    if (options.count == 0 || to.had_enough()) return exit_code::done;
    complain("the gateway ended the stream");
    return exit_code::failed;
}

void add_filter(
    CLI::App& command, const std::shared_ptr<tap_options>& options, const char* flag, std::string name,
    const char* about, const char* type
) {
    command
        .add_option_function<std::string>(
            flag,
            [options, name = std::move(name)](const std::string& value) {
                options->filters.emplace_back(name, value);
            },
            about
        )
        ->type_name(type);
}

} // namespace

void add_tap(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("tap", "Watch the exchanges of a running gateway as they end");
    auto options = std::make_shared<tap_options>();
    add_filter(*command, options, "--route", "route", "Only of this route", "NAME");
    add_filter(*command, options, "--track", "track", "Only those that this track carried", "NAME");
    add_filter(*command, options, "--status", "status", "Only this status, or class: 404, 5xx", "STATUS");
    add_filter(*command, options, "--method", "method", "Only this method", "METHOD");
    add_filter(*command, options, "--path", "path", "Only paths that begin so", "PREFIX");
    add_filter(
        *command, options, "--min-duration", "min_duration", "Only those that took so long: 250ms", "TIME"
    );
    add_filter(
        *command, options, "--reason", "reason", "Only those whose track was chosen for this reason", "WORD"
    );
    add_filter(*command, options, "--end", "end", "Only those that ended so: done, client-gone …", "WORD");
    add_filter(
        *command, options, "--rate", "rate", "At most so many a second; the rest is counted (100)", "N"
    );
    command->add_option("-n,--count", options->count, "End after so many")->type_name("N");
    add_admin_options(*command, options->access);
    add_output_option(*command, options->format);
    command->footer("What is not shown, for want of time or room, is told on "
                    "stderr. Nothing waits for who\n"
                    "watches, and nobody who watches costs a request anything.\n"
                    "Examples:\n"
                    "  adit tap --route shop --track canary --status 5xx\n"
                    "  adit tap --min-duration 500ms -o json\n"
                    "  adit tap --reason force-header -n 1");
    command->callback([options, &code] { code = run(*options); });
}

} // namespace adit::cli
