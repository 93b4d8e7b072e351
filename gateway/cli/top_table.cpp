#include "cli/top_table.hpp"

#include "cli/columns.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace adit::cli {

namespace {

double grown(double before, double after) {
    return after < before ? after : after - before;
}

std::string fixed(double value, int digits) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

std::string rate_text(double a_second) {
    return fixed(a_second, a_second < 100 ? 1 : 0);
}

std::string share_text(double share) {
    if (share <= 0) return "0%";
    return fixed(share * 100, share < 0.1 ? 2 : 1) + '%';
}

std::string time_text(const std::optional<double>& seconds) {
    if (!seconds) return "-";
    if (*seconds >= 10) return fixed(*seconds, 0) + "s";
    if (*seconds >= 1) return fixed(*seconds, 1) + "s";
    return fixed(*seconds * 1000, *seconds < 0.01 ? 1 : 0) + "ms";
}

std::string weight_text(double weight) {
    if (weight < 0) return "-";
    auto text = fixed(weight * 100, 2);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text + '%';
}

} // namespace

std::optional<double> quantile(const std::vector<std::pair<double, double>>& buckets, double share) {
    if (buckets.empty() || buckets.back().second <= 0) return std::nullopt;
    const double wanted = share * buckets.back().second;
    double low = 0, below = 0;
    for (const auto& [bound, up_to] : buckets) {
        if (up_to >= wanted && up_to > below) {
            if (std::isinf(bound)) return low;
            return low + (bound - low) * (wanted - below) / (up_to - below);
        }
        if (!std::isinf(bound)) low = bound;
        below = up_to;
    }
    return low;
}

std::vector<track_rates> rates_between(const figures& before, const figures& after, double seconds) {
    std::vector<track_rates> out;
    static const track_figures nothing;
    for (const auto& [place, now] : after) {
        const auto found = before.find(place);
        const auto& then = found == before.end() ? nothing : found->second;
        track_rates one;
        one.route = place.first;
        one.track = place.second;
        const auto requests = grown(then.requests, now.requests);
        one.requests = requests / seconds;
        if (requests > 0) {
            one.server_errors = grown(then.server_errors, now.server_errors) / requests;
            one.client_errors = grown(then.client_errors, now.client_errors) / requests;
        }
        auto buckets = now.durations;
        for (std::size_t i = 0; i < buckets.size() && i < then.durations.size(); ++i)
            buckets[i].second = grown(then.durations[i].second, buckets[i].second);
        one.p50 = quantile(buckets, 0.5);
        one.p99 = quantile(buckets, 0.99);
        one.in_flight = now.in_flight;
        one.pending = now.pending;
        one.retries = grown(then.retries, now.retries) / seconds;
        one.weight = now.weight;
        out.push_back(std::move(one));
    }
    std::stable_sort(out.begin(), out.end(), [](const track_rates& a, const track_rates& b) {
        return a.route != b.route ? a.route < b.route : a.track == "stable" && b.track != "stable";
    });
    return out;
}

std::string top_table(std::vector<track_rates> rows, std::size_t most) {
    std::string more;
    if (most != 0 && rows.size() > most) {
        std::stable_sort(rows.begin(), rows.end(), [](const track_rates& a, const track_rates& b) {
            return a.requests > b.requests;
        });
        more = std::to_string(rows.size() - most) + " more tracks have less to do\n";
        rows.resize(most);
    }
    columns table;
    table.add({"ROUTE", "TRACK", "WEIGHT", "REQ/S", "5XX", "4XX", "P50", "P99", "RETRY/S", "IN FLIGHT"});
    for (const auto& one : rows)
        table.add(
            {one.route, one.track, weight_text(one.weight), rate_text(one.requests),
             share_text(one.server_errors), share_text(one.client_errors), time_text(one.p50),
             time_text(one.p99), rate_text(one.retries), fixed(one.in_flight, 0)}
        );
    return table.text() + more;
}

boost::json::array to_json(const std::vector<track_rates>& rows) {
    boost::json::array out;
    const auto time = [](const std::optional<double>& value) {
        return value ? boost::json::value(*value) : boost::json::value(nullptr);
    };
    for (const auto& one : rows)
        out.push_back(boost::json::object{
            {"route", one.route},
            {"track", one.track},
            {"weight", one.weight < 0 ? boost::json::value(nullptr) : boost::json::value(one.weight * 100)},
            {"requests_per_second", one.requests},
            {"share_5xx", one.server_errors},
            {"share_4xx", one.client_errors},
            {"p50_seconds", time(one.p50)},
            {"p99_seconds", time(one.p99)},
            {"retries_per_second", one.retries},
            {"in_flight", one.in_flight},
            {"pending", one.pending}});
    return out;
}

} // namespace adit::cli
