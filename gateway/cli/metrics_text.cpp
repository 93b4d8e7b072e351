#include "cli/metrics_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace adit::cli {

namespace {

using labels = std::map<std::string, std::string, std::less<>>;

// `a="b",c="d"}` up to the brace, which is taken too; false where it is not
// that.
bool read_labels(std::string_view& text, labels& out) {
    while (!text.empty() && text.front() != '}') {
        const auto equals = text.find("=\"");
        if (equals == text.npos) return false;
        const std::string name(text.substr(0, equals));
        text.remove_prefix(equals + 2);
        std::string value;
        for (;; text.remove_prefix(1)) {
            if (text.empty()) return false;
            if (text.front() == '"') break;
            if (text.front() == '\\') {
                text.remove_prefix(1);
                if (text.empty()) return false;
                value += text.front() == 'n' ? '\n' : text.front();
            } else {
                value += text.front();
            }
        }
        text.remove_prefix(1);
        if (!text.empty() && text.front() == ',') text.remove_prefix(1);
        out[name] = std::move(value);
    }
    if (text.empty()) return false;
    text.remove_prefix(1);
    return true;
}

double to_number(std::string_view text) {
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    double out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

void take(track_figures& into, std::string_view name, const labels& with, double value) {
    const auto label = [&](std::string_view key) {
        const auto found = with.find(key);
        return found == with.end() ? std::string_view{} : std::string_view{found->second};
    };
    if (name == "adit_requests_total") {
        into.requests += value;
        const auto code = label("code");
        if (code.starts_with('5')) into.server_errors += value;
        if (code.starts_with('4')) into.client_errors += value;
    } else if (name == "adit_requests_in_flight") {
        into.in_flight = value;
    } else if (name == "adit_requests_pending") {
        into.pending = value;
    } else if (name == "adit_retries_total") {
        into.retries += value;
    } else if (name == "adit_weight_ratio") {
        into.weight = value;
    } else if (name == "adit_request_duration_seconds_bucket") {
        into.durations.emplace_back(to_number(label("le")), value);
    }
}

} // namespace

figures read_figures(std::string_view text) {
    figures out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto brace = line.find('{');
        if (line.starts_with('#') || brace == line.npos) continue;
        const auto name = line.substr(0, brace);
        line.remove_prefix(brace + 1);
        labels with;
        if (!read_labels(line, with) || !line.starts_with(' ')) continue;
        const auto route = with.find("route"), track = with.find("track");
        if (route == with.end() || track == with.end()) continue;
        take(out[{route->second, track->second}], name, with, to_number(line.substr(1)));
    }
    return out;
}

} // namespace adit::cli
