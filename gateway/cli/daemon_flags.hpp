// Flags that every command which serves has.
#pragma once

#include "cli/daemon.hpp"

#include <CLI/App.hpp>

namespace adit::cli {

// Defaults are what `options` holds; it outlives the parsing.
void add_daemon_flags(CLI::App& command, daemon_options& options);

} // namespace adit::cli
