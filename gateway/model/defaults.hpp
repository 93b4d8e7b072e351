// Every default of a configuration file, for `adit check --defaults`, the reference and the schema. The
// values are taken from the structs themselves, so they cannot disagree.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace adit::model {

struct default_value {
    std::string_view key; // "limits.head", "routes[].send_colour"; [] stands for any index, NAME for any name
    std::string value;    // as one would write it in YAML, with its unit: "32KiB", "30s", "true"
    std::string_view meaning; // one sentence without a full stop
};

// Ordered as in the reference. Made once.
std::span<const default_value> defaults();
// nullptr where the key has no default.
const default_value* find_default(std::string_view key);

} // namespace adit::model
