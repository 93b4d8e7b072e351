#include "admin/views.hpp"
#include "cli/columns.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/version.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>

namespace adit::cli {

std::string version_text() {
    const auto build = this_build();
    columns rows(2);
    rows.add({"revision", build.revision});
    rows.add({"compiler", build.compiler});
    for (const auto& [name, number] : build.libraries) rows.add({name, number});
    return "adit " + build.version + '\n' + rows.text();
}

void add_version(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("version", "Tell version, revision, compiler and libraries");
    auto format = std::make_shared<output>(output::text);
    add_output_option(*command, *format);
    command->footer("Examples:\n"
                    "  adit version\n"
                    "  adit version -o json");
    command->callback([format, &code] {
        if (*format == output::json)
            print(admin::to_json(this_build()));
        else
            print(version_text());
        code = exit_code::done;
    });
}

} // namespace adit::cli
