#include "observe/totals.hpp"

namespace adit::observe {

void track_totals::add(const track_counters& from) {
    carried = true;
    from.requests.for_each([&](std::uint8_t method, std::uint16_t code, std::uint64_t count) {
        if (count > 0) requests[{method, code}] += count;
    });
    request_duration.add(from.request_duration, duration_bounds);
    upstream_duration.add(from.upstream_duration, duration_bounds);
    bytes_in += from.bytes_in.value();
    bytes_out += from.bytes_out.value();
    for (std::size_t i = 0; i < retries.size(); ++i) retries[i] += from.retries[i].value();
    retry_successes += from.retry_successes.value();
    retry_budget_exhausted += from.retry_budget_exhausted.value();
    fallbacks += from.fallbacks.value();
    panics += from.panics.value();
    connect_failures += from.connect_failures.value();
    upstream_failures += from.upstream_failures.value();
    in_flight += from.in_flight.value();
    pending += from.pending.value();
}

void track_totals::add(const track_totals& other) {
    carried = carried || other.carried;
    for (const auto& [kind, count] : other.requests) requests[kind] += count;
    request_duration.add(other.request_duration);
    upstream_duration.add(other.upstream_duration);
    bytes_in += other.bytes_in;
    bytes_out += other.bytes_out;
    for (std::size_t i = 0; i < retries.size(); ++i) retries[i] += other.retries[i];
    retry_successes += other.retry_successes;
    retry_budget_exhausted += other.retry_budget_exhausted;
    fallbacks += other.fallbacks;
    panics += other.panics;
    connect_failures += other.connect_failures;
    upstream_failures += other.upstream_failures;
    in_flight += other.in_flight;
    pending += other.pending;
}

track_totals& totals::at(std::string_view route, std::string_view track) {
    auto found = routes.find(route);
    if (found == routes.end()) found = routes.emplace(route, tracks{}).first;
    for (auto& one : found->second)
        if (one.name == track) return one;
    return found->second.emplace_back(std::string(track));
}

} // namespace adit::observe
