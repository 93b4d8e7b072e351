// Durations and sizes as they are written in a configuration: always with their unit.
#pragma once

#include "model/fault.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adit::model {

// "500ms", "30s", "1m30s", "2h", "0s": whole numbers, units from large to small, each at most once. Not above
// a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text, fault* why = nullptr);
// "1m30s"; "0s" for nothing.
std::string to_text(std::chrono::milliseconds value);

// How often: `count` times in `per`.
struct frequency {
    std::uint32_t count = 0;
    std::chrono::milliseconds per{1'000};
};
// "10/s", "300/m", "5000/h": from 1/h to 1000000/s.
std::optional<frequency> parse_frequency(std::string_view text, fault* why = nullptr);
std::string to_text(const frequency& value);

// "512", "8KiB", "1MiB", "2GiB", "512B": bytes, powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text, fault* why = nullptr);
// In the largest unit that divides it: "8KiB", "1500B".
std::string size_to_text(std::uint64_t bytes);

} // namespace adit::model
