#include "source/file/read_timeouts.hpp"

namespace adit::source {

void read_timeouts(const value& from, model::timeouts& into) {
    const section map(from);
    map.read("tls_handshake", into.tls_handshake, &value::duration);
    map.read("head", into.head, &value::duration);
    map.read("body", into.body, &value::duration);
    map.read("idle", into.idle, &value::duration);
    map.read("connect", into.connect, &value::duration);
    map.read("first_byte", into.first_byte, &value::duration);
    map.read("response", into.response, &value::duration);
    map.read("send", into.send, &value::duration);
    map.read("exchange", into.exchange, &value::duration);
    map.read("tunnel_idle", into.tunnel_idle, &value::duration);
    map.read("upstream_idle", into.upstream_idle, &value::duration);
    map.read("min_rate", into.min_rate, &value::size);
    map.read("rate_grace", into.rate_grace, &value::duration);
}

model::route_timeouts read_route_timeouts(const value& from) {
    model::route_timeouts out;
    const section map(from);
    const auto duration = [&](std::string_view name, auto& into) {
        if (const auto found = map.find(name)) into = found->duration();
    };
    duration("body", out.body);
    duration("connect", out.connect);
    duration("first_byte", out.first_byte);
    duration("response", out.response);
    duration("send", out.send);
    duration("exchange", out.exchange);
    duration("tunnel_idle", out.tunnel_idle);
    if (const auto found = map.find("min_rate")) out.min_rate = found->size();
    duration("rate_grace", out.rate_grace);
    return out;
}

} // namespace adit::source
