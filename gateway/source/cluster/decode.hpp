// Nodes of a document → typed objects.
#pragma once

#include "source/cluster/objects.hpp"
#include "source/file/tree.hpp"

#include <string>
#include <utility>
#include <vector>

namespace adit::source::cluster {

struct decoded {
    std::vector<object> objects;
    complaints problems; // of objects that are not in `objects`, but for warnings
    // "Ingress shop/store": what could not be read, though it could be told what it is.
    std::vector<std::string> broken;
};

// One object, or a List of them. Kinds that no gateway looks at are passed over. Never throws for what the
// document says.
void decode(const node& root, const std::string& file, decoded& out);

// RFC 3339, "2026-01-01T00:00:00Z": seconds since 1970; nullopt for anything else.
std::optional<std::int64_t> parse_time(std::string_view text) noexcept;
// RFC 4648 §4, line breaks allowed; nullopt for anything else.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace adit::source::cluster
