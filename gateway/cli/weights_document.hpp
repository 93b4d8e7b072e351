// Overrides and the kill switch as the document that outlives the process.
#pragma once

#include "canary/authority.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace adit::cli {

// JSON. Times are kept to the nanosecond, texts that are no UTF-8 are made so.
std::string write_weights_document(const canary::authority_state& state);

// Members that are not known are passed over, absent ones are empty; a later version of the format and a
// member of the wrong kind are errors, since half of what was asked for is not what was asked for. On nullopt
// `error` names the member at fault: "overrides[2].weights.canary: a weight is at most 100".
std::optional<canary::authority_state> read_weights_document(std::string_view text, std::string& error);

} // namespace adit::cli
