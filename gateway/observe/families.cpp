#include "observe/families.hpp"

#include "observe/process.hpp"
#include "observe/trace_families.hpp"

#include <algorithm>
#include <utility>

namespace adit::observe {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// In the order of http::method.
constexpr std::array<const char*, method_names> methods{"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                        "CONNECT", "OPTIONS", "TRACE", "PATCH", "other"};
constexpr std::array<const char*, connection_states> states{"reading", "active", "idle", "tunnel"};

MetricFamily make_family(const char* name, const char* help, MetricType type) {
    MetricFamily out;
    out.name = name;
    out.help = help;
    out.type = type;
    return out;
}

ClientMetric labelled(std::initializer_list<std::pair<const char*, std::string_view>> names) {
    ClientMetric out;
    out.label.reserve(names.size());
    for (const auto& [name, value] : names) out.label.push_back({name, std::string(value)});
    return out;
}

void add_counter(MetricFamily& to, ClientMetric metric, std::uint64_t value) {
    metric.counter.value = static_cast<double>(value);
    to.metric.push_back(std::move(metric));
}

void add_gauge(MetricFamily& to, ClientMetric metric, double value) {
    metric.gauge.value = value;
    to.metric.push_back(std::move(metric));
}

template <std::size_t N>
void add_histogram(
    MetricFamily& to, ClientMetric metric, const cut_histogram<N>& from,
    const std::array<std::uint64_t, N>& bounds
) {
    auto& out = metric.histogram;
    out.bucket.reserve(N); // the serializer adds +Inf
    for (std::size_t i = 0; i < N; ++i) {
        out.sample_count += from.cells[i];
        out.bucket.push_back({out.sample_count, static_cast<double>(bounds[i]) / 1e9});
    }
    out.sample_count += from.cells[N];
    out.sample_sum = static_cast<double>(from.sum_ns) / 1e9;
    to.metric.push_back(std::move(metric));
}

double seconds(std::chrono::system_clock::time_point when) {
    return std::chrono::duration<double>(when.time_since_epoch()).count();
}

// One family with one series for each route and track that some worker has carried.
template <class Add>
void per_track(const totals& all, const visitor& visit, MetricFamily family, Add&& add) {
    for (const auto& [route, tracks] : all.routes)
        for (const auto& one : tracks)
            if (one.carried) add(family, labelled({{"route", route}, {"track", one.name}}), one);
    visit(std::move(family));
}

void show_gauge(const visitor& visit, const char* name, const char* help, double value) {
    auto family = make_family(name, help, MetricType::Gauge);
    add_gauge(family, {}, value);
    visit(std::move(family));
}

void show_requests(const totals& all, const visitor& visit) {
    auto family = make_family(
        "adit_requests_total", "Requests answered, by the status that the client got", MetricType::Counter
    );
    for (const auto& [route, tracks] : all.routes)
        for (const auto& one : tracks)
            for (const auto& [kind, count] : one.requests)
                add_counter(
                    family,
                    labelled(
                        {{"route", route},
                         {"track", one.name},
                         {"method", methods[std::min<std::size_t>(kind.first, method_names - 1)]},
                         {"code", std::to_string(kind.second)}}
                    ),
                    count
                );
    visit(std::move(family));
}

void show_durations(const totals& all, const visitor& visit) {
    per_track(
        all, visit,
        make_family(
            "adit_request_duration_seconds", "First byte of a request to last byte of its response",
            MetricType::Histogram
        ),
        [](auto& family, ClientMetric metric, const track_totals& one) {
            add_histogram(family, std::move(metric), one.request_duration, duration_bounds);
        }
    );
    per_track(
        all, visit,
        make_family(
            "adit_upstream_duration_seconds",
            "Request sent to an endpoint to last byte of its response, each attempt", MetricType::Histogram
        ),
        [](auto& family, ClientMetric metric, const track_totals& one) {
            add_histogram(family, std::move(metric), one.upstream_duration, duration_bounds);
        }
    );
}

void show_track_counters(const totals& all, const visitor& visit) {
    struct column {
        const char* name;
        const char* help;
        std::uint64_t track_totals::*value;
    };
    static constexpr column columns[] = {
        {"adit_request_bytes_total", "Bytes received from clients, heads and bodies",
         &track_totals::bytes_in},
        {"adit_response_bytes_total", "Bytes sent to clients, heads and bodies", &track_totals::bytes_out},
        {"adit_retry_successes_total",
         "Requests that were retried and then had a response that asked for no further retry",
         &track_totals::retry_successes},
        {"adit_retry_budget_exhausted_total",
         "Retries that were not made because too many were under way already",
         &track_totals::retry_budget_exhausted},
        {"adit_fallbacks_total",
         "Requests that chose this track and were carried by another, as it was unusable",
         &track_totals::fallbacks},
        {"adit_panics_total", "Requests that a track carried although none of its endpoints was healthy",
         &track_totals::panics},
        {"adit_upstream_connect_failures_total", "Connections to endpoints that did not come up",
         &track_totals::connect_failures},
        {"adit_upstream_failures_total", "Endpoints' connections that failed before the response was whole",
         &track_totals::upstream_failures},
    };
    per_track(
        all, visit,
        make_family("adit_retries_total", "Attempts after the first, by what made them", MetricType::Counter),
        [](auto& family, const ClientMetric& metric, const track_totals& track) {
            for (std::size_t i = 0; i < retry_reasons; ++i) {
                auto one = metric;
                one.label.push_back({"reason", std::string(retry_reason_names[i])});
                add_counter(family, std::move(one), track.retries[i]);
            }
        }
    );
    for (const auto& one : columns)
        per_track(
            all, visit, make_family(one.name, one.help, MetricType::Counter),
            [&](auto& family, ClientMetric metric, const track_totals& track) {
                add_counter(family, std::move(metric), track.*one.value);
            }
        );
    per_track(
        all, visit, make_family("adit_requests_in_flight", "Requests under way", MetricType::Gauge),
        [](auto& family, ClientMetric metric, const track_totals& track) {
            add_gauge(family, std::move(metric), static_cast<double>(track.in_flight));
        }
    );
    per_track(
        all, visit,
        make_family(
            "adit_requests_pending", "Requests that wait for a place at an endpoint", MetricType::Gauge
        ),
        [](auto& family, ClientMetric metric, const track_totals& track) {
            add_gauge(family, std::move(metric), static_cast<double>(track.pending));
        }
    );
}

void show_weights(const totals& all, const visitor& visit) {
    auto family = make_family(
        "adit_weight_ratio", "Share of a route's randomised traffic that a track gets, in force now, 0 to 1",
        MetricType::Gauge
    );
    for (const auto& [route, tracks] : all.routes)
        for (const auto& one : tracks)
            if (one.weight) add_gauge(family, labelled({{"route", route}, {"track", one.name}}), *one.weight);
    visit(std::move(family));
}

// One family with one series for each route and track that is in force and each of the columns' words.
template <std::size_t N, class Value>
void per_state(
    const totals& all, const visitor& visit, MetricFamily family, const char* label,
    const std::array<std::pair<const char*, Value track_health::*>, N>& columns
) {
    for (const auto& [route, tracks] : all.routes)
        for (const auto& one : tracks) {
            if (!one.health) continue;
            for (const auto& [word, value] : columns) {
                auto metric = labelled({{"route", route}, {"track", one.name}, {label, word}});
                if (family.type == MetricType::Gauge)
                    add_gauge(family, std::move(metric), static_cast<double>((*one.health).*value));
                else
                    add_counter(family, std::move(metric), (*one.health).*value);
            }
        }
    visit(std::move(family));
}

void show_health(const totals& all, const visitor& visit) {
    using now = std::pair<const char*, std::uint32_t track_health::*>;
    using ever = std::pair<const char*, std::uint64_t track_health::*>;
    per_state(
        all, visit,
        make_family("adit_endpoints", "Endpoints of a track by what they are fit for", MetricType::Gauge),
        "state",
        std::array{
            now{"healthy", &track_health::healthy}, now{"unhealthy", &track_health::unhealthy},
            now{"draining", &track_health::draining}, now{"unready", &track_health::unready}}
    );
    per_state(
        all, visit,
        make_family(
            "adit_endpoint_ejections_total", "Endpoints ejected for failing in a row, by how they failed",
            MetricType::Counter
        ),
        "cause",
        std::array{
            ever{"5xx", &track_health::ejections_5xx}, ever{"connect", &track_health::ejections_connect}}
    );
    per_state(
        all, visit,
        make_family(
            "adit_endpoint_ejections_spared_total",
            "Ejections that were due and did not happen, as too few endpoints would have been left",
            MetricType::Counter
        ),
        "cause", std::array{ever{"any", &track_health::spared}}
    );
    per_state(
        all, visit,
        make_family(
            "adit_endpoint_checks_total", "Active checks of endpoints by result", MetricType::Counter
        ),
        "result",
        std::array{ever{"passed", &track_health::checks_passed}, ever{"failed", &track_health::checks_failed}}
    );
    auto circuit = make_family(
        "adit_track_circuit_state",
        "0 closed: every ready endpoint gets requests; 1: some do not; 2 open: none does", MetricType::Gauge
    );
    for (const auto& [route, tracks] : all.routes)
        for (const auto& one : tracks)
            if (one.health)
                add_gauge(circuit, labelled({{"route", route}, {"track", one.name}}), one.health->circuit());
    visit(std::move(circuit));
}

} // namespace

void show_tracks(const totals& all, const visitor& visit) {
    show_requests(all, visit);
    show_durations(all, visit);
    show_track_counters(all, visit);
    show_weights(all, visit);
    show_health(all, visit);
}

namespace {

void show_worker_counters(std::span<worker_counters* const> workers, const visitor& visit) {
    struct column {
        const char* name;
        const char* help;
        counter worker_counters::*value;
    };
    static constexpr column columns[] = {
        {"adit_connections_accepted_total", "Client connections accepted", &worker_counters::accepted},
        {"adit_accept_pauses_total",
         "Times that a listener stopped accepting for a moment, for want of descriptors or memory",
         &worker_counters::accept_pauses},
        {"adit_connections_closed_total", "Client connections closed", &worker_counters::closed},
        {"adit_upstream_pool_hits_total", "Requests sent on a pooled upstream connection",
         &worker_counters::pool_hits},
        {"adit_upstream_pool_misses_total", "Requests that opened an upstream connection",
         &worker_counters::pool_misses},
        {"adit_underscore_fields_dropped_total",
         "Request fields dropped because their names have an underscore",
         &worker_counters::underscore_fields_dropped},
        {"adit_pattern_errors_total",
         "Requests that went to stable because the pattern of a force rule hit a limit",
         &worker_counters::pattern_errors},
        {"adit_default_backend_requests_total", "Requests that went to the default backend of their route",
         &worker_counters::default_backend},
        {"adit_intercepted_responses_total", "Upstream answers that an error page replaced",
         &worker_counters::intercepted},
        {"adit_error_page_failures_total", "Error pages that the service for them did not make",
         &worker_counters::error_page_failures},
        {"adit_compressed_responses_total", "Responses compressed", &worker_counters::compressed},
        {"adit_compression_input_bytes_total", "Bytes of bodies before they were compressed",
         &worker_counters::compressed_in},
        {"adit_compression_output_bytes_total", "Bytes of bodies after they were compressed",
         &worker_counters::compressed_out},
        {"adit_compression_skipped_total", "Responses not compressed because every encoder was in use",
         &worker_counters::compression_skipped},
        {"adit_weight_updates_total", "Changes of weights taken up, counted by each worker",
         &worker_counters::weight_updates},
    };
    for (const auto& one : columns) {
        auto family = make_family(one.name, one.help, MetricType::Counter);
        std::uint64_t sum = 0;
        for (const auto* worker : workers) sum += (worker->*one.value).value();
        add_counter(family, {}, sum);
        visit(std::move(family));
    }
}

void show_external_auth(std::span<worker_counters* const> workers, const visitor& visit) {
    struct column {
        const char* result;
        counter worker_counters::*value;
    };
    static constexpr column columns[] = {
        {"allowed", &worker_counters::auth_allowed},
        {"denied", &worker_counters::auth_denied},
        {"failed", &worker_counters::auth_failed},
        {"cached", &worker_counters::auth_cached},
    };
    auto family = make_family(
        "adit_external_auth_total",
        "Requests about which an authorising service was asked, by what came of it", MetricType::Counter
    );
    for (const auto& one : columns) {
        std::uint64_t sum = 0;
        for (const auto* worker : workers) sum += (worker->*one.value).value();
        add_counter(family, labelled({{"result", one.result}}), sum);
    }
    visit(std::move(family));
}

void show_connections(std::span<worker_counters* const> workers, const visitor& visit) {
    auto by_state =
        make_family("adit_connections", "Client connections by what they are doing", MetricType::Gauge);
    for (std::size_t state = 0; state < connection_states; ++state) {
        std::int64_t sum = 0;
        for (const auto* worker : workers) sum += worker->connections[state].value();
        add_gauge(by_state, labelled({{"state", states[state]}}), static_cast<double>(sum));
    }
    visit(std::move(by_state));

    auto idle =
        make_family("adit_upstream_idle_connections", "Upstream connections in the pools", MetricType::Gauge);
    std::int64_t pooled = 0;
    for (const auto* worker : workers) pooled += worker->idle_upstream.value();
    add_gauge(idle, {}, static_cast<double>(pooled));
    visit(std::move(idle));

    auto by_worker =
        make_family("adit_worker_connections", "Client connections of each worker", MetricType::Gauge);
    auto lag = make_family(
        "adit_worker_loop_lag_seconds", "By how much the ticks of each worker's timer wheel came late",
        MetricType::Histogram
    );
    for (std::size_t i = 0; i < workers.size(); ++i) {
        const auto name = std::to_string(i);
        std::int64_t sum = 0;
        for (const auto& state : workers[i]->connections) sum += state.value();
        add_gauge(by_worker, labelled({{"worker", name}}), static_cast<double>(sum));
        cut_histogram<lag_bounds.size()> cut;
        cut.add(workers[i]->loop_lag, lag_bounds);
        add_histogram(lag, labelled({{"worker", name}}), cut, lag_bounds);
    }
    visit(std::move(by_worker));
    visit(std::move(lag));
}

void show_timeouts(std::span<worker_counters* const> workers, const visitor& visit) {
    auto family = make_family(
        "adit_timeouts_total", "Times that ran out, by the setting that they come from", MetricType::Counter
    );
    for (std::size_t i = 0; i < timeout_kinds; ++i) {
        std::uint64_t sum = 0;
        for (const auto* worker : workers) sum += worker->timeouts[i].value();
        add_counter(family, labelled({{"timeout", timeout_names[i]}}), sum);
    }
    visit(std::move(family));
}

void show_refusals(
    std::span<worker_counters* const> workers, std::span<const std::string> names, const visitor& visit
) {
    auto family = make_family(
        "adit_refusals_total", "Requests and connections that Adit answered or closed itself",
        MetricType::Counter
    );
    for (std::size_t i = 0; i < std::min(names.size(), worker_counters::max_reasons); ++i) {
        if (names[i].empty()) continue;
        std::uint64_t sum = 0;
        for (const auto* worker : workers) sum += worker->refusals[i].value();
        add_counter(family, labelled({{"reason", names[i]}}), sum);
    }
    visit(std::move(family));
}

} // namespace

void show_workers(
    std::span<worker_counters* const> workers, std::span<const std::string> refusal_names,
    const visitor& visit
) {
    show_connections(workers, visit);
    show_worker_counters(workers, visit);
    show_external_auth(workers, visit);
    show_refusals(workers, refusal_names, visit);
    show_timeouts(workers, visit);
}

namespace {

void show_ceilings(const control_gauges& gauges, const visitor& visit) {
    const std::pair<const char*, std::uint64_t> ceilings[]{
        {"connections", gauges.most_connections},
        {"descriptors", gauges.most_descriptors},
        {"in_flight", gauges.most_in_flight},
        {"memory_bytes", gauges.most_memory}};
    auto family = make_family(
        "adit_ceiling",
        "At how much of a resource the newest are turned away; absent where there is no bound",
        MetricType::Gauge
    );
    for (const auto& [resource, most] : ceilings)
        if (most != 0) add_gauge(family, labelled({{"resource", resource}}), static_cast<double>(most));
    visit(std::move(family));
    show_gauge(
        visit, "adit_memory_shedding", "Whether memory is above its ceiling and the newest are turned away",
        gauges.shedding_memory
    );
}

void show_api_server(const api_server_figures& figures, const visitor& visit) {
    show_gauge(
        visit, "adit_kubernetes_connected", "Whether the API server is followed; else its last word counts",
        figures.connected
    );
    const auto count = [&](const char* name, const char* help, std::uint64_t value) {
        auto family = make_family(name, help, MetricType::Counter);
        ClientMetric metric;
        metric.counter.value = static_cast<double>(value);
        family.metric.push_back(std::move(metric));
        visit(std::move(family));
    };
    count("adit_kubernetes_events_total", "Changes and bookmarks that the API server sent", figures.events);
    count("adit_kubernetes_lists_total", "Collections that were read as a whole", figures.lists);
    count(
        "adit_kubernetes_failures_total",
        "Requests that the API server refused or did not answer as it should", figures.failures
    );
}

} // namespace

void show_control(const control_gauges& gauges, const visitor& visit) {
    show_ceilings(gauges, visit);
    if (gauges.traces) show_traces(*gauges.traces, gauges.span_rings, visit);
    if (gauges.api_server) show_api_server(*gauges.api_server, visit);
    show_gauge(visit, "adit_killed", "Whether the kill switch for all routes is on", gauges.killed);
    show_gauge(visit, "adit_draining", "Whether the process is on its way out", gauges.draining);
    show_gauge(
        visit, "adit_config_generation", "Number of the configuration in force",
        static_cast<double>(gauges.config_generation)
    );
    show_gauge(
        visit, "adit_config_last_reload_successful", "Whether the last reload was taken",
        gauges.config_last_reload_successful
    );
    show_gauge(
        visit, "adit_config_last_reload_success_timestamp_seconds", "When a configuration was last taken",
        seconds(gauges.config_last_reload_success)
    );
    auto build =
        make_family("adit_build_info", "What this program was built from; always 1", MetricType::Gauge);
    add_gauge(
        build,
        labelled({{"version", gauges.version}, {"revision", gauges.revision}, {"compiler", gauges.compiler}}),
        1
    );
    visit(std::move(build));
}

void show_process(const control_gauges& gauges, const visitor& visit) {
    const auto figures = read_process_figures();
    show_gauge(
        visit, "process_start_time_seconds", "Start of the process since the epoch", seconds(gauges.started)
    );
    if (figures.resident_bytes)
        show_gauge(
            visit, "process_resident_memory_bytes", "Resident memory",
            static_cast<double>(*figures.resident_bytes)
        );
    if (figures.open_files)
        show_gauge(
            visit, "process_open_fds", "Open file descriptors", static_cast<double>(*figures.open_files)
        );
    if (figures.max_files)
        show_gauge(
            visit, "process_max_fds", "Most file descriptors that may be open",
            static_cast<double>(*figures.max_files)
        );
    if (figures.cpu_seconds) {
        auto family = make_family(
            "process_cpu_seconds_total", "User and system processor time spent", MetricType::Counter
        );
        ClientMetric metric;
        metric.counter.value = *figures.cpu_seconds;
        family.metric.push_back(std::move(metric));
        visit(std::move(family));
    }
}

} // namespace adit::observe
