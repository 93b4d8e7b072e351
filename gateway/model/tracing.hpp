// Traces that requests belong to: what is told upstream of them, and where spans go.
#pragma once

#include "model/fault.hpp"
#include "model/route.hpp"
#include "model/service_url.hpp"
#include "model/tls.hpp"
#include "model/weight.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace adit::model {

struct tracing {
    using texts = std::vector<std::pair<std::string, std::string>>;
    // Whose traces go on; for all others a new one begins.
    enum class trust : std::uint8_t { all, trusted, none };

    bool propagate = true; // write traceparent and tracestate to upstreams; they pass as they are otherwise
    trust continues = trust::all;
    weight sample{100};   // share of the traces begun here that are recorded; others bring their own choice
    std::string endpoint; // URL of an OTLP/HTTP collector; empty = no span is exported
    upstream_tls tls;     // to it
    texts headers;        // of requests to it
    std::string service_name = "adit";
    texts resource;                            // further attributes of the resource
    std::uint32_t batch = 512;                 // spans of one request to the collector, at most
    std::uint32_t queue = 8192;                // spans that wait; more are dropped
    std::chrono::milliseconds interval{5'000}; // after which fewer than `batch` are sent
    std::chrono::milliseconds timeout{10'000}; // of one request to the collector
    place at;

    bool operator==(const tracing& o) const {
        return propagate == o.propagate && continues == o.continues && sample == o.sample &&
               endpoint == o.endpoint && tls == o.tls && headers == o.headers &&
               service_name == o.service_name && resource == o.resource && batch == o.batch &&
               queue == o.queue && interval == o.interval && timeout == o.timeout;
    }
};

constexpr std::string_view to_text(tracing::trust one) {
    return one == tracing::trust::all ? "all" : one == tracing::trust::trusted ? "trusted" : "none";
}

// "http://collector:4318/v1/traces", or https. The path is that of OTLP/HTTP where none is written.
std::optional<service_url> parse_collector_url(std::string_view text, fault* why = nullptr);

} // namespace adit::model
