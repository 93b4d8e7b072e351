#include "observe/tls_families.hpp"

#include <utility>

namespace adit::observe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct role {
    const char* name;
    tls_counters worker_counters::*counters;
};
constexpr role roles[]{
    {"client", &worker_counters::tls_clients}, {"upstream", &worker_counters::tls_upstreams}};

MetricFamily make_family(const char* name, const char* help, MetricType type) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    return out;
}

template <class Read>
std::uint64_t sum(std::span<worker_counters* const> workers, Read read) {
    std::uint64_t out = 0;
    for (const auto* one : workers) out += read(*one).value();
    return out;
}

void add(MetricFamily& to, std::vector<ClientMetric::Label> labels, std::uint64_t value) {
    if (value == 0) return;
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
    to.metric.push_back(std::move(metric));
}

void show_handshakes(std::span<worker_counters* const> workers, const visitor& visit) {
    auto family = make_family(
        "adit_tls_handshakes_total", "TLS handshakes with clients and with upstreams, by how they ended",
        MetricType::Counter
    );
    for (const auto& [name, counters] : roles) {
        for (std::size_t version = 0; version < 2; ++version)
            for (std::size_t resumed = 0; resumed < 2; ++resumed) {
                const auto count = sum(workers, [&, at = counters](const auto& one) -> const counter& {
                    return (one.*at).done[version][resumed];
                });
                add(family,
                    {{"peer", name},
                     {"outcome", std::string(to_text(tls_failure::none))},
                     {"version", version ? "1.3" : "1.2"},
                     {"resumed", resumed ? "true" : "false"}},
                    count);
            }
        for (std::size_t why = 1; why < tls_failures; ++why) {
            const auto count = sum(workers, [&, at = counters](const auto& one) -> const counter& {
                return (one.*at).failed[why];
            });
            add(family,
                {{"peer", name},
                 {"outcome", std::string(to_text(static_cast<tls_failure>(why)))},
                 {"version", ""},
                 {"resumed", "false"}},
                count);
        }
    }
    visit(std::move(family));
}

void show_durations(std::span<worker_counters* const> workers, const visitor& visit) {
    auto family = make_family(
        "adit_tls_handshake_duration_seconds", "TLS handshakes that succeeded", MetricType::Histogram
    );
    for (const auto& [name, counters] : roles) {
        duration_cut cut;
        for (const auto* one : workers) cut.add((one->*counters).duration, duration_bounds);
        ClientMetric metric;
        metric.label = {{"peer", name}};
        for (std::size_t i = 0; i < duration_bounds.size(); ++i) {
            metric.histogram.sample_count += cut.cells[i];
            metric.histogram.bucket.push_back(
                {metric.histogram.sample_count, static_cast<double>(duration_bounds[i]) / 1e9}
            );
        }
        metric.histogram.sample_count += cut.cells[duration_bounds.size()];
        metric.histogram.sample_sum = static_cast<double>(cut.sum_ns) / 1e9;
        if (metric.histogram.sample_count > 0) family.metric.push_back(std::move(metric));
    }
    visit(std::move(family));
}

void show_expiry(const control_gauges& gauges, const visitor& visit) {
    auto family = make_family(
        "adit_certificate_expiry_timestamp_seconds", "When each certificate expires", MetricType::Gauge
    );
    for (const auto& one : gauges.certificates) {
        ClientMetric metric;
        metric.label = {{"name", one.name}, {"host", one.host}};
        metric.gauge.value = std::chrono::duration<double>(one.at.time_since_epoch()).count();
        family.metric.push_back(std::move(metric));
    }
    visit(std::move(family));
}

} // namespace

void show_tls(std::span<worker_counters* const> workers, const control_gauges& gauges, const visitor& visit) {
    show_handshakes(workers, visit);
    show_durations(workers, visit);
    show_expiry(gauges, visit);
}

} // namespace adit::observe
