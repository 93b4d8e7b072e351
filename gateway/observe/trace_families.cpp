#include "observe/trace_families.hpp"

#include <utility>

namespace adit::observe {

void show_traces(const trace_counters& all, const span_rings& rings, const visitor& visit) {
    auto dropped = all.dropped.value();
    for (const auto& one : rings) dropped += one->dropped();
    const struct {
        const char* name;
        const char* help;
        std::uint64_t value;
    } rows[]{
        {"adit_trace_spans_exported_total", "Spans that a trace collector has taken", all.exported.value()},
        {"adit_trace_spans_failed_total",
         "Spans that no trace collector took, because it refused them or did not answer for too long",
         all.failed.value()},
        {"adit_trace_spans_dropped_total", "Spans that found no place in the queue of those to be exported",
         dropped},
        {"adit_trace_export_retries_total", "Batches of spans sent once more", all.retries.value()},
    };
    for (const auto& one : rows) {
        prometheus::MetricFamily family;
        family.name = one.name;
        family.help = one.help;
        family.type = prometheus::MetricType::Counter;
        prometheus::ClientMetric metric;
        metric.counter.value = static_cast<double>(one.value);
        family.metric.push_back(std::move(metric));
        visit(std::move(family));
    }
}

} // namespace adit::observe
