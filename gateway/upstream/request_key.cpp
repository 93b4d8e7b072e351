#include "upstream/request_key.hpp"

#include "http/values.hpp"
#include "upstream/ring.hpp"

#include <bit>

namespace adit::upstream {

std::optional<std::uint64_t>
request_key(const http::request_head& head, const model::balance& by, const ip_address& client) noexcept {
    using hash_by = model::balance::hash_by;
    switch (by.key) {
    case hash_by::header: {
        const auto* found = head.find(by.key_name);
        if (!found || !http::is_visible(*found)) return std::nullopt;
        return hash_key(head.value(*found));
    }
    case hash_by::cookie: {
        const auto value = http::find_cookie(head, by.key_name);
        if (value.empty()) return std::nullopt;
        return hash_key(value);
    }
    case hash_by::address:
        return hash_key({reinterpret_cast<const char*>(client.bytes.data()), client.bytes.size()});
    case hash_by::uri: break;
    }
    // Absolute and origin form of one target are the same.
    return hash_key(http::path_or_root(head)) ^ std::rotl(hash_key(head.query()), 1);
}

} // namespace adit::upstream
