// Wishes about traces → rules for the workers and work for the exporter.
#pragma once

#include "cli/trace_exporter.hpp"
#include "model/tracing.hpp"
#include "observe/labels.hpp"
#include "proxy/trace.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace adit::cli {

// Control thread only. Outlives the workers.
class tracing {
public:
    // `gauges` get what is counted.
    tracing(unsigned workers, observe::control_gauges& gauges);

    // What validate() has looked at; `tls`: how the collector is spoken to, null = in clear. The rules of the
    // next snapshot; null where nothing is traced.
    std::shared_ptr<const proxy::trace_rules>
    follow(const std::optional<model::tracing>& wish, std::shared_ptr<const net::tls_target> tls);
    // See trace_exporter; for a few seconds at most.
    void flush(std::function<void()> done);

private:
    void instruct(const std::optional<model::tracing>& wish, std::shared_ptr<const net::tls_target> tls);
    trace_exporter::settings
    settings_of(const model::tracing& wish, std::shared_ptr<const net::tls_target> tls) const;

    const unsigned workers_;
    observe::control_gauges& gauges_;
    observe::span_rings rings_; // made when a collector is first named
    trace_exporter exporter_;
    // What the exporter follows now.
    std::optional<model::tracing> followed_;
    std::shared_ptr<const net::tls_target> followed_tls_;
};

} // namespace adit::cli
