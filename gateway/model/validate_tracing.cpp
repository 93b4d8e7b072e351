#include "model/validate_tracing.hpp"

#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "model/units.hpp"
#include "model/validate_tls.hpp"

#include <algorithm>
#include <array>

namespace adit::model {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t most_batch = 10'000, most_queue = 1'000'000; // spans
constexpr milliseconds shortest{100}, longest_interval{600'000}, longest_timeout{60'000};

void check_number(std::uint32_t value, std::uint32_t most, const findings& found) {
    if (value < 1 || value > most)
        found.error(std::to_string(value) + " is out of range", "from 1 to " + std::to_string(most));
}

void check_time(milliseconds value, milliseconds longest, const findings& found) {
    if (value < shortest || value > longest)
        found.error(
            to_text(value) + " is out of range", "from " + to_text(shortest) + " to " + to_text(longest)
        );
}

void check_headers(const tracing::texts& wish, const findings& found) {
    static constexpr std::array<std::string_view, 5> ours{
        "host", "content-type", "content-length", "transfer-encoding", "connection"};
    for (const auto& [name, value] : wish) {
        const auto here = found.under(name);
        if (!is_token(name)) here.error(ticked(name) + " is not the name of a header", "e.g. Authorization");
        if (std::any_of(ours.begin(), ours.end(), [&name = name](auto one) { return iequals(one, name); }))
            here.error(ticked(name) + " is written by Adit itself", "remove it");
        if (!is_field_text(value)) here.error("a control character cannot be sent in a header");
    }
}

} // namespace

std::optional<service_url> parse_collector_url(std::string_view text, fault* why) {
    auto out = parse_service_url(text, why, true);
    const auto authority = text.find("://") + 3;
    if (out && text.find_first_of("/?", authority) == std::string_view::npos) out->target = "/v1/traces";
    return out;
}

void check_tracing(const tracing& wish, const findings& found) {
    fault why;
    const auto collector = wish.endpoint.empty() ? std::nullopt : parse_collector_url(wish.endpoint, &why);
    if (!wish.endpoint.empty() && !collector) found.under("endpoint").error(std::move(why));
    check_upstream_tls(wish.tls, found.under("tls"));
    if (collector && !collector->endpoint.tls && wish.tls != upstream_tls{})
        found.under("tls").error("the collector is asked in clear", "write https:// in `endpoint`");
    if (wish.endpoint.empty() && !wish.propagate)
        found.under("propagate").warn("there is neither an endpoint nor propagation: nothing is traced");
    if (wish.service_name.empty()) found.under("service_name").error("a service needs a name", "e.g. adit");
    check_headers(wish.headers, found.under("headers"));
    for (const auto& [name, value] : wish.resource)
        if (name.empty())
            found.under("resource").error("an attribute needs a name", "e.g. deployment.environment");
    check_number(wish.batch, most_batch, found.under("batch"));
    check_number(wish.queue, most_queue, found.under("queue"));
    if (wish.queue < wish.batch)
        found.under("queue").error(
            "the queue is shorter than a batch", "at least " + std::to_string(wish.batch)
        );
    check_time(wish.interval, longest_interval, found.under("interval"));
    check_time(wish.timeout, longest_timeout, found.under("timeout"));
}

} // namespace adit::model
