#include "policy/rate_limits.hpp"

#include "core/random.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace adit::policy {

meters::meters() : secret(random_source{}.next()) {}

rate_limits::rate_limits(
    const std::vector<model::rate_limit>& wish, std::string_view route, std::shared_ptr<meters> count_in
)
    : meters_(std::move(count_in)) {
    const auto secret = meters_ ? meters_->secret : 0;
    for (const auto& one : wish) {
        const auto interval = one.requests ? from(one.per) / static_cast<instant>(one.requests) : 0;
        const auto seed = XXH3_64bits_withSeed(route.data(), route.size(), secret + rules_.size());
        rules_.push_back(
            {one.by, http::field_key(one.header), seed, interval, interval * static_cast<instant>(one.burst),
             one.connections, address_set(one.except)}
        );
    }
}

std::uint64_t
rate_limits::key_of(const rule& one, const http::request_head& head, const ip_address& from) noexcept {
    if (!one.except.empty() && one.except.contains(from)) return 0;
    const auto hash = [&](const void* data, std::size_t size) {
        return XXH3_64bits_withSeed(data, size, one.seed) | 1U << 24;
    };
    switch (one.by) {
    case model::rate_limit::key::route: return hash(nullptr, 0);
    // Whoever has one IPv6 address has all that share its first 64 bits.
    case model::rate_limit::key::address: return hash(from.bytes.data(), from.is_v4() ? 16 : 8);
    case model::rate_limit::key::header: break;
    }
    const auto* field = http::find_field(head, one.header);
    if (!field || field->value_size == 0) return 0;
    const auto value = head.value(*field);
    return hash(value.data(), value.size());
}

rate_limits::verdict rate_limits::admit(
    const http::request_head& head, const ip_address& from, instant now, held_places& held
) const noexcept {
    std::array<std::uint64_t, model::max_rate_limits> keys;
    const auto count = std::min(rules_.size(), keys.size());
    for (std::size_t i = 0; i < count; ++i) keys[i] = key_of(rules_[i], head, from);
    const auto refuse = [&](std::size_t passed, verdict why) {
        for (std::size_t i = 0; i < passed; ++i)
            if (keys[i] && rules_[i].interval) meters_->rates.give_back(keys[i], rules_[i].interval);
        held.give_back();
        return why;
    };
    for (std::size_t i = 0; i < count; ++i) {
        const auto& one = rules_[i];
        if (!keys[i] || !one.interval) continue;
        if (const auto wait = meters_->rates.take(keys[i], now, one.interval, one.tolerance))
            return refuse(i, {verdict::kind::too_fast, wait});
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (!keys[i] || !rules_[i].places) continue;
        const auto got = meters_->places.take(keys[i], rules_[i].places);
        if (!got.admitted) return refuse(count, {verdict::kind::too_many, 0});
        if (got.place) held.add(*got.place);
    }
    return {};
}

} // namespace adit::policy
