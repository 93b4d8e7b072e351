// The control threads' log: one line an event on stderr, JSON, or text for a person at a terminal. Never used
// on the way of a request, which has the access log and counters.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace adit {

enum class log_level : std::uint8_t { debug, info, warning, error };

std::string_view to_text(log_level level) noexcept;                       // "debug" … "error"
std::optional<log_level> parse_log_level(std::string_view text) noexcept; // also "warn"

// A value of a line; holds no copy of a text.
class log_value {
public:
    log_value(std::string_view text) noexcept : value_(text) {}
    log_value(const std::string& text) noexcept : value_(std::string_view(text)) {}
    log_value(const char* text) noexcept : value_(std::string_view(text)) {}
    template <std::same_as<bool> T>
    log_value(T value) noexcept : value_(value) {}
    template <std::signed_integral T>
    log_value(T value) noexcept : value_(static_cast<std::int64_t>(value)) {}
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) log_value(T value)
    noexcept : value_(static_cast<std::uint64_t>(value)) {}
    log_value(double value) noexcept : value_(value) {}

    const auto& get() const noexcept { return value_; }

private:
    std::variant<std::string_view, bool, std::int64_t, std::uint64_t, double> value_;
};

// Keys are snake_case and none of "time", "level", "message".
struct log_field {
    std::string_view key;
    log_value value;
};
using log_fields = std::initializer_list<log_field>;

// Any thread. A line is one write(2), so that lines of several processes on one pipe do not mix.
class event_log {
public:
    using time_point = std::chrono::system_clock::time_point;
    enum class form { json, text };

    // Text when the descriptor is a terminal, else JSON. The descriptor is borrowed.
    explicit event_log(int descriptor);
    event_log(int descriptor, form lines) noexcept;

    void set_level(log_level lowest) noexcept;
    void set_form(form lines) noexcept;
    bool wants(log_level level) const noexcept;

    void write(log_level level, std::string_view message, log_fields fields = {});
    // With a time of the caller's, for tests.
    void write(time_point when, log_level level, std::string_view message, log_fields fields);

private:
    mutable std::mutex mutex_;
    int descriptor_;
    form form_;
    log_level lowest_ = log_level::info;
    std::string line_;
};

// The process's log, on stderr.
event_log& process_log();

inline void log_debug(std::string_view message, log_fields fields = {}) {
    process_log().write(log_level::debug, message, fields);
}
inline void log_info(std::string_view message, log_fields fields = {}) {
    process_log().write(log_level::info, message, fields);
}
inline void log_warning(std::string_view message, log_fields fields = {}) {
    process_log().write(log_level::warning, message, fields);
}
inline void log_error(std::string_view message, log_fields fields = {}) {
    process_log().write(log_level::error, message, fields);
}

// "2026-01-31T09:05:00.007Z"
std::string format_time(event_log::time_point when);
// The overload writes at most so many bytes, and returns the length.
inline constexpr std::size_t time_room = 64;
std::size_t format_time(event_log::time_point when, char* out) noexcept;

// For a message that may repeat in a loop: one is let through per interval, with how many were held back
// since the one before. Any thread.
class log_limit {
public:
    using clock = std::chrono::steady_clock;

    explicit log_limit(clock::duration every) noexcept : every_(every) {}

    // The number held back since the last that passed, or nullopt: hold this one back.
    std::optional<std::uint64_t> pass(clock::time_point now = clock::now());

private:
    std::mutex mutex_;
    clock::duration every_;
    std::optional<clock::time_point> last_;
    std::uint64_t held_back_ = 0;
};

} // namespace adit
