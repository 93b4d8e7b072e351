// What is wrong with something an operator wrote, and where.
#pragma once

#include <string>
#include <vector>

namespace adit {

// Where a value was written. Empty or 0 where unknown: an API call has no file, a flag no line.
struct place {
    std::string file;
    int line = 0;   // from 1
    int column = 0; // from 1
};

struct complaint {
    enum class severity { error, warning };

    severity level = severity::error;
    place at;
    std::string key;     // "routes[2].tracks.canary.weight"
    std::string message; // one sentence without a full stop
    std::string hint;    // what to write instead, may be empty
};

using complaints = std::vector<complaint>;

inline bool has_errors(const complaints& list) {
    for (const auto& one : list)
        if (one.level == complaint::severity::error) return true;
    return false;
}

// "shop.yaml:4:12: error: routes[0].tracks.canary.weight: … (hint)"
std::string to_text(const complaint& one);

} // namespace adit
