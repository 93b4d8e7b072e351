// Flags of an ingress controller, as ingress-nginx has them.
#pragma once

#include "source/ingress/options.hpp"

#include <CLI/App.hpp>

namespace adit::cli {

// Those that mean something here set `by`, which outlives the parsing; others that ingress-nginx has are
// taken and warned of when the command runs.
void add_ingress_flags(CLI::App& command, source::ingress::options& by);

// Warnings about flags that were given and mean nothing here.
void warn_of_ingress_flags(const CLI::App& command);

} // namespace adit::cli
