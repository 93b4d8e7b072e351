#include "cli/tracing.hpp"

#include "cli/version.hpp"

#include <utility>

namespace adit::cli {

namespace {

constexpr std::chrono::seconds flush_time{5}; // of the end of a process

bool are_same(const net::tls_target* a, const net::tls_target* b) {
    return a == b || (a && b && a->identity() == b->identity());
}

} // namespace

tracing::tracing(unsigned workers, observe::control_gauges& gauges) : workers_(workers), gauges_(gauges) {
    gauges_.traces = &exporter_.counters();
}

std::shared_ptr<const proxy::trace_rules>
tracing::follow(const std::optional<model::tracing>& wish, std::shared_ptr<const net::tls_target> tls) {
    const bool exports = wish && !wish->endpoint.empty();
    if (exports && rings_.empty()) {
        for (unsigned i = 0; i < workers_; ++i) rings_.push_back(std::make_shared<observe::span_ring>());
        gauges_.span_rings = rings_;
    }
    instruct(exports ? wish : std::nullopt, std::move(tls));
    if (!wish || (!exports && !wish->propagate)) return nullptr;
    return std::make_shared<const proxy::trace_rules>(proxy::trace_rules{
        wish->propagate, wish->continues, wish->sample, exports ? rings_ : observe::span_rings{}});
}

// A batch that is under way is not sent anew because something else in the configuration has changed.
void tracing::instruct(
    const std::optional<model::tracing>& wish, std::shared_ptr<const net::tls_target> tls
) {
    if (wish == followed_ && are_same(tls.get(), followed_tls_.get())) return;
    followed_ = wish;
    followed_tls_ = tls;
    wish ? exporter_.follow(settings_of(*wish, std::move(tls)), rings_) : exporter_.rest();
}

trace_exporter::settings
tracing::settings_of(const model::tracing& wish, std::shared_ptr<const net::tls_target> tls) const {
    return {
        .to =
            {.where = *model::parse_collector_url(wish.endpoint),
             .tls = std::move(tls),
             .headers = wish.headers,
             .timeout = wish.timeout},
        .who = {.service = wish.service_name, .attributes = wish.resource, .version = this_build().version},
        .rules = {.batch = wish.batch, .interval = wish.interval},
        .queue = wish.queue};
}

void tracing::flush(std::function<void()> done) {
    exporter_.flush(flush_time, std::move(done));
}

} // namespace adit::cli
