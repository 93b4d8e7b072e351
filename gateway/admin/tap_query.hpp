// What a reader of GET /api/v1/tap asks to see.
#pragma once

#include "admin/problem.hpp"
#include "observe/tap.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace adit::admin {

// From the decoded query. A parameter that is unknown, or cannot be what it
// says, is a problem with its key.
std::variant<observe::tap_wish, problem>
read_tap_query(const std::vector<std::pair<std::string, std::string>>& query);

// The batch as Server-Sent Events: "exchange" for each, "lost" where some were
// not shown.
std::string tap_frames(const observe::tap_batch& batch);

} // namespace adit::admin
