// Keys of ingress-nginx's ConfigMap by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

struct known_key {
    enum class effect : std::uint8_t {
        honoured,
        needless, // it tunes nginx, or says what Adit does anyway: nobody misses it
        missing
    };
    std::string_view name;
    effect what;
};
// Sorted by name.
std::vector<known_key> known_keys();

// Why a key has no effect here; nullopt where it has one, or needs none.
std::optional<std::string> complaint_of_key(std::string_view name);

} // namespace adit::source::ingress
