#include "cli/wall_clock.hpp"

#include "core/bytes.hpp"

#include <cstdio>

namespace adit::cli {

namespace {

using namespace std::chrono;

// Exactly `digits` digits from `text`, which they are taken off.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    const auto value = parse_decimal(text.substr(0, digits));
    if (!value) return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<int>(*value);
}

bool take(std::string_view& text, char wanted) {
    if (text.empty() || lower(text.front()) != lower(wanted)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<sys_days> take_date(std::string_view& text) {
    const auto y = take_number(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d) return std::nullopt;
    const year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
    if (!date.ok() || *y < 1678 || *y > 2261) return std::nullopt;
    return sys_days(date);
}

std::optional<seconds> take_clock(std::string_view& text, bool with_seconds) {
    const auto h = take_number(text, 2);
    if (!h || *h > 23 || !take(text, ':')) return std::nullopt;
    const auto m = take_number(text, 2);
    if (!m || *m > 59) return std::nullopt;
    if (!with_seconds) return hours(*h) + minutes(*m);
    if (!take(text, ':')) return std::nullopt;
    const auto s = take_number(text, 2);
    if (!s || *s > 59) return std::nullopt;
    return hours(*h) + minutes(*m) + seconds(*s);
}

// Digits behind the ninth are below what the clock counts.
std::optional<nanoseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.')) return nanoseconds(0);
    std::int64_t value = 0;
    int digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
        if (digits < 9) value = value * 10 + (text.front() - '0');
    if (digits == 0) return std::nullopt;
    for (; digits < 9; ++digits) value *= 10;
    return nanoseconds(value);
}

std::optional<seconds> take_offset(std::string_view& text) {
    if (take(text, 'Z')) return seconds(0);
    const bool behind = take(text, '-');
    if (!behind && !take(text, '+')) return std::nullopt;
    const auto offset = take_clock(text, false);
    if (!offset) return std::nullopt;
    return behind ? -*offset : *offset;
}

} // namespace

std::string format_time(system_clock::time_point at) {
    const auto day_start = floor<days>(at);
    const year_month_day date(day_start);
    const hh_mm_ss<nanoseconds> clock(at - day_start);
    char text[64];
    std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count())
    );
    std::string out = text;
    if (const auto rest = clock.subseconds().count(); rest != 0) {
        std::snprintf(text, sizeof text, ".%09d", static_cast<int>(rest));
        out += text;
        while (out.back() == '0') out.pop_back();
    }
    return out += 'Z';
}

std::optional<system_clock::time_point> parse_time(std::string_view text) {
    const auto date = take_date(text);
    if (!date || !take(text, 'T')) return std::nullopt;
    const auto clock = take_clock(text, true);
    if (!clock) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return system_clock::time_point(*date) + *clock + *fraction - *offset;
}

} // namespace adit::cli
