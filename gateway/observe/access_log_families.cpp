#include "observe/access_log_families.hpp"

#include "observe/log_output.hpp"

#include <initializer_list>
#include <utility>

namespace adit::observe {

namespace {

using prometheus::ClientMetric;

struct sample {
    const char* label; // value of `name`'s label; null = no label
    std::uint64_t value;
};

void show(
    const visitor& visit, const char* name, const char* help, const char* label,
    std::initializer_list<sample> samples
) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Counter;
    for (const auto& one : samples) {
        ClientMetric metric;
        if (one.label) metric.label.push_back({label, one.label});
        metric.counter.value = static_cast<double>(one.value);
        family.metric.push_back(std::move(metric));
    }
    visit(std::move(family));
}

std::uint64_t sum(std::span<worker_counters* const> workers, counter worker_counters::*which) {
    std::uint64_t out = 0;
    for (const auto* one : workers) out += (one->*which).value();
    return out;
}

} // namespace

void show_access_log(
    std::span<worker_counters* const> workers, const control_gauges& gauges, const visitor& visit
) {
    if (!gauges.access_log) return;
    const auto& log = *gauges.access_log;
    show(
        visit, "adit_access_log_lines_total", "Lines of the access log", nullptr,
        {{nullptr, log.lines.value()}}
    );
    show(
        visit, "adit_access_log_dropped_total",
        "Exchanges that are not in the access log: a worker's ring was full, or the output took no more "
        "lines",
        "cause", {{"ring", sum(workers, &worker_counters::log_dropped)}, {"output", log.lost.value()}}
    );
    show(
        visit, "adit_access_log_write_failures_total", "Attempts to write the access log that failed",
        nullptr, {{nullptr, log.failures.value()}}
    );
    show(
        visit, "adit_access_log_reopenings_total", "Times that the file of the access log was opened again",
        nullptr, {{nullptr, log.reopenings.value()}}
    );
    show(
        visit, "adit_tap_dropped_total",
        "Exchanges that nobody who watched was shown, as a worker's ring was full", nullptr,
        {{nullptr, sum(workers, &worker_counters::tap_dropped)}}
    );
}

} // namespace adit::observe
