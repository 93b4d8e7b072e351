// HTTP Basic authentication of a route (RFC 7617), compiled.
#pragma once

#include "policy/credentials.hpp"
#include "policy/route_findings.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace adit::policy {

// Reads a whole file; nullopt with the reason. Given by rooms that may.
using file_reader = std::function<std::optional<std::string>(const std::string& file, model::fault& why)>;

// Immutable after compile(); shared by all workers.
struct basic_auth {
    std::shared_ptr<const credentials> users;
    std::string challenge; // the line WWW-Authenticate
    bool forward = true;   // the upstream gets Authorization too

    // Of route().policies.basic_auth, which is there. Without `read` a file has no users.
    static std::optional<basic_auth> compile(const file_reader& read, route_findings& found);
};

} // namespace adit::policy
