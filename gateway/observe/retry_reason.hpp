// Why a request was sent once more: the label of adit_retries_total.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace adit::observe {

enum class retry_reason : std::uint8_t {
    stale, // a pooled connection turned out to be closed
    connect,
    reset,
    timeout,
    bad_response,
    status,
    count_
};
inline constexpr std::size_t retry_reasons = static_cast<std::size_t>(retry_reason::count_);

inline constexpr std::array<std::string_view, retry_reasons> retry_reason_names{
    "stale", "connect", "reset", "timeout", "bad_response", "status"};

} // namespace adit::observe
