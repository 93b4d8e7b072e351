// The commands of `adit`, one function each: it adds its subcommand to the program's and runs when that was
// chosen.
#pragma once

#include <CLI/App.hpp>

namespace adit::cli {

// Exit codes of every command (more are added by those that wait for something).
enum exit_code : int { done = 0, failed = 1, usage = 2 };

// Each registers a callback that sets `code`. `root` and `code` outlive the parsing.
void add_serve(CLI::App& root, int& code);
void add_proxy(CLI::App& root, int& code);
void add_demo(CLI::App& root, int& code);
void add_check(CLI::App& root, int& code);
void add_explain(CLI::App& root, int& code);
void add_weight(CLI::App& root, int& code);
void add_migrate(CLI::App& root, int& code);
void add_tap(CLI::App& root, int& code);
void add_top(CLI::App& root, int& code);
void add_version(CLI::App& root, int& code);

// The whole program: parses, runs, and gives the exit code; main() calls nothing else.
int run(int argc, char** argv);

} // namespace adit::cli
