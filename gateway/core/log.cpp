#include "core/log.hpp"

#include "core/json_escape.hpp"

#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <utility>

namespace adit {

namespace {

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_json_escaped(out, text);
    out += '"';
}

template <class T>
void append_number(std::string& out, T value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, end);
}

void append_value(std::string& out, const log_value& value, event_log::form lines) {
    const bool json = lines == event_log::form::json;
    if (const auto* text = std::get_if<std::string_view>(&value.get())) {
        const bool bare =
            !json && !text->empty() && text->find_first_of(" \"=\\\t\n\r") == std::string_view::npos;
        if (bare)
            append_json_escaped(out, *text);
        else
            append_quoted(out, *text);
    } else if (const auto* flag = std::get_if<bool>(&value.get()))
        out += *flag ? "true" : "false";
    else if (const auto* whole = std::get_if<std::int64_t>(&value.get()))
        append_number(out, *whole);
    else if (const auto* natural = std::get_if<std::uint64_t>(&value.get()))
        append_number(out, *natural);
    else if (const auto number = std::get<double>(value.get()); std::isfinite(number))
        append_number(out, number);
    else
        out += "null"; // JSON has neither NaN nor infinity (RFC 8259 §6)
}

void append_json(
    std::string& out, std::string_view time, log_level level, std::string_view message, log_fields fields
) {
    out += "{\"time\":\"";
    out += time;
    out += "\",\"level\":\"";
    out += to_text(level);
    out += "\",\"message\":";
    append_quoted(out, message);
    for (const auto& one : fields) {
        out += ',';
        append_quoted(out, one.key);
        out += ':';
        append_value(out, one.value, event_log::form::json);
    }
    out += "}\n";
}

void append_text(
    std::string& out, std::string_view time, log_level level, std::string_view message, log_fields fields
) {
    static constexpr std::array<std::string_view, 4> columns{"debug  ", "info   ", "warning", "error  "};
    out += time;
    out += ' ';
    out += columns[static_cast<std::size_t>(level)];
    out += ' ';
    append_json_escaped(out, message);
    for (const auto& one : fields) {
        out += ' ';
        out += one.key;
        out += '=';
        append_value(out, one.value, event_log::form::text);
    }
    out += '\n';
}

// Nobody can be told that the log cannot be written: what is left of the line is dropped.
void write_line(int descriptor, std::string_view line) {
    while (!line.empty()) {
        const auto put = ::write(descriptor, line.data(), line.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return;
        line.remove_prefix(static_cast<std::size_t>(put));
    }
}

} // namespace

std::string_view to_text(log_level level) noexcept {
    static constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
    return names[static_cast<std::size_t>(level)];
}

std::optional<log_level> parse_log_level(std::string_view text) noexcept {
    if (text == "warn") return log_level::warning;
    for (const auto level : {log_level::debug, log_level::info, log_level::warning, log_level::error})
        if (text == to_text(level)) return level;
    return std::nullopt;
}

std::string format_time(event_log::time_point when) {
    char buffer[time_room];
    return {buffer, format_time(when, buffer)};
}

std::size_t format_time(event_log::time_point when, char* out) noexcept {
    using namespace std::chrono;
    const auto whole = floor<std::chrono::seconds>(when);
    const auto fraction = static_cast<int>(floor<milliseconds>(when - whole).count());
    const auto since_epoch = static_cast<std::time_t>(whole.time_since_epoch().count());
    std::tm parts{};
    ::gmtime_r(&since_epoch, &parts);
    return static_cast<std::size_t>(std::snprintf(
        out, time_room, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1,
        parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, fraction
    ));
}

event_log::event_log(int descriptor)
    : event_log(descriptor, ::isatty(descriptor) == 1 ? form::text : form::json) {}

event_log::event_log(int descriptor, form lines) noexcept : descriptor_(descriptor), form_(lines) {}

void event_log::set_level(log_level lowest) noexcept {
    const std::lock_guard hold(mutex_);
    lowest_ = lowest;
}

void event_log::set_form(form lines) noexcept {
    const std::lock_guard hold(mutex_);
    form_ = lines;
}

bool event_log::wants(log_level level) const noexcept {
    const std::lock_guard hold(mutex_);
    return level >= lowest_;
}

void event_log::write(log_level level, std::string_view message, log_fields fields) {
    write(std::chrono::system_clock::now(), level, message, fields);
}

void event_log::write(time_point when, log_level level, std::string_view message, log_fields fields) {
    const std::lock_guard hold(mutex_);
    if (level < lowest_) return;
    line_.clear();
    const auto time = format_time(when);
    if (form_ == form::json)
        append_json(line_, time, level, message, fields);
    else
        append_text(line_, time, level, message, fields);
    write_line(descriptor_, line_);
}

event_log& process_log() {
    static event_log log(STDERR_FILENO);
    return log;
}

std::optional<std::uint64_t> log_limit::pass(clock::time_point now) {
    const std::lock_guard hold(mutex_);
    if (last_ && now - *last_ < every_) {
        ++held_back_;
        return std::nullopt;
    }
    last_ = now;
    return std::exchange(held_back_, 0);
}

} // namespace adit
