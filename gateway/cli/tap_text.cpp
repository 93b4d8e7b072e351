#include "cli/tap_text.hpp"

#include "admin/json_text.hpp"

#include <boost/json/value.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace adit::cli {

namespace {

namespace json = boost::json;

// Control characters would be the terminal's to obey.
std::string plain(std::string_view text) {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < ' ' || c == 127 ? '?' : c;
    return out;
}

std::string text_of(const json::object& from, std::string_view key, std::string_view otherwise = "-") {
    const auto* found = from.if_contains(key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? plain(std::string_view(*text)) : std::string(otherwise);
}

double number_of(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    if (!found || !found->is_number()) return 0;
    return found->to_number<double>();
}

// "2026-01-31T09:05:00.007Z" as "09:05:00.007".
std::string clock_of(const std::string& time) {
    const auto begin = time.find('T');
    if (begin == time.npos || !time.ends_with('Z')) return time;
    return time.substr(begin + 1, time.size() - begin - 2);
}

std::string took(double milliseconds) {
    if (milliseconds >= 10'000)
        return admin::number_text(static_cast<double>(static_cast<std::int64_t>(milliseconds / 100)) / 10) +
               "s";
    if (milliseconds >= 10) return std::to_string(std::llround(milliseconds)) + "ms";
    return admin::number_text(static_cast<double>(std::llround(milliseconds * 100)) / 100) + "ms";
}

} // namespace

std::string exchange_text(const json::object& one) {
    std::string out = clock_of(text_of(one, "time")) + ' ' +
                      std::to_string(static_cast<int>(number_of(one, "status"))) + ' ' +
                      text_of(one, "method") + ' ' + text_of(one, "host", "") + text_of(one, "path");
    if (const auto query = text_of(one, "query", ""); !query.empty()) out += '?' + query;
    if (one.contains("route") && !one.at("route").is_null()) {
        out += " -> " + text_of(one, "route") + '/' + text_of(one, "track");
        const auto chosen = text_of(one, "chosen", "");
        out += " (" + text_of(one, "reason") + (chosen.empty() ? "" : ", chosen " + chosen) + ')';
    }
    if (const auto endpoint = text_of(one, "endpoint", ""); !endpoint.empty()) out += ' ' + endpoint;
    if (const auto attempts = number_of(one, "attempts"); attempts > 1)
        out += " x" + std::to_string(static_cast<int>(attempts));
    out += ' ' + took(number_of(one, "duration_ms"));
    if (const auto end = text_of(one, "end", ""); !end.empty() && end != "done") out += ' ' + end;
    return out + '\n';
}

std::string lost_text(const json::object& lost) {
    std::string out;
    const auto add = [&](std::string_view key, std::string_view why) {
        const auto count = static_cast<std::uint64_t>(number_of(lost, key));
        if (count > 0)
            out += (out.empty() ? "not shown: " : ", ") + std::to_string(count) + ' ' + std::string(why);
    };
    add("over_rate", "over the rate");
    add("late", "that were read too slowly");
    add("unseen", "that the gateway had no room for");
    return out.empty() ? "nothing was left out" : out;
}

} // namespace adit::cli
