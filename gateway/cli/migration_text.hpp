// A migration report for people, for a page and for programs.
#pragma once

#include "source/ingress/migration.hpp"

#include <boost/json/object.hpp>

#include <string>

namespace adit::cli {

// "3 Ingresses: 1 ready, 1 differs, 1 blocked; 2 left out".
std::string migration_summary(const source::ingress::migration_report& report);

// All end with a line break.
std::string migration_text(const source::ingress::migration_report& report);
std::string migration_markdown(const source::ingress::migration_report& report);
boost::json::object migration_json(const source::ingress::migration_report& report);

} // namespace adit::cli
