#include "model/defaults_tracing.hpp"

#include "model/tracing.hpp"
#include "model/units.hpp"

#include <string>

namespace adit::model {

namespace {

std::string flag(bool value) {
    return value ? "true" : "false";
}

} // namespace

void add_tracing_defaults(std::vector<default_value>& out) {
    const tracing wish;
    const auto add = [&](std::string_view key, std::string value, std::string_view meaning) {
        out.push_back({key, std::move(value), meaning});
    };
    add("tracing.propagate", flag(wish.propagate),
        "Write traceparent and tracestate to endpoints, with a span of Adit's as the parent; otherwise what "
        "clients send passes as it is");
    add("tracing.continue", std::string(to_text(wish.continues)),
        "Whose traces go on, with the sampling that they come with: of `all` clients, of `trusted` proxies "
        "or "
        "of `none`; for others a trace begins here");
    add("tracing.sample", to_text(wish.sample),
        "Percent of the traces begun here that are recorded, to 0.01");
    add("tracing.tls.verify", flag(wish.tls.verify),
        "Verify that the collector's certificate is for its name and that `ca` vouches for it");
    add("tracing.tls.sni", flag(wish.tls.sni), "Tell the collector's name in the handshake");
    add("tracing.service_name", wish.service_name, "The resource's service.name");
    add("tracing.batch", std::to_string(wish.batch), "Spans of one request to the collector, at most");
    add("tracing.queue", std::to_string(wish.queue),
        "Spans that wait for the collector; those that find no place are dropped and counted");
    add("tracing.interval", to_text(wish.interval), "Time after which fewer than `batch` spans are sent");
    add("tracing.timeout", to_text(wish.timeout), "Time for one request to the collector");
}

} // namespace adit::model
