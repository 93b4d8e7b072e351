#include "source/ingress/endpoints.hpp"

#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/grammar.hpp"

#include <algorithm>
#include <unordered_set>

namespace adit::source::ingress {

namespace {

using cluster::port_ref;
using cluster::service_port;

bool is_meant(const service_port& one, const port_ref& by) {
    if (!one.tcp) return false;
    if (!by.name.empty()) return one.name == by.name || one.target.name == by.name;
    return one.port == by.number || (one.target.name.empty() && one.target.number == by.number);
}

std::uint16_t target_number(const service_port& one) {
    if (!one.target.name.empty()) return 0; // known to the pods only
    return one.target.number != 0 ? one.target.number : one.port;
}

class collector {
public:
    explicit collector(const options& by) : by_(by) {}

    void add(const cluster::endpoint_slice& slice, const service_port& port) {
        for (const auto number : ports_in(slice, port))
            for (const auto& one : slice.endpoints) add(one, number);
    }

    std::vector<model::endpoint> take() { return std::move(out_); }

private:
    // As ingress-nginx matches them: by name, and by the Service's own number where no name fits (#7390).
    static std::vector<std::uint16_t>
    ports_in(const cluster::endpoint_slice& slice, const service_port& port) {
        std::vector<std::uint16_t> out;
        const auto add = [&](std::uint16_t number) {
            if (number != 0 && std::find(out.begin(), out.end(), number) == out.end()) out.push_back(number);
        };
        for (const auto& one : slice.ports)
            if (one.tcp && (port.name.empty() || one.name == port.name)) add(one.port);
        if (out.empty()) add(target_number(port));
        return out;
    }

    void add(const cluster::slice_endpoint& one, std::uint16_t port) {
        const bool lasts = one.serving && one.terminating && !by_.strict();
        if (!(one.ready && !one.terminating) && !(one.ready && by_.strict()) && !lasts) return;
        for (const auto& address : one.addresses) {
            if (!parse_ip(address) || !met_.insert(address + ' ' + std::to_string(port)).second) continue;
            auto& made = out_.emplace_back();
            made.host = address;
            made.port = port;
            made.zone = one.zone;
            if (by_.strict()) continue;
            made.ready = !one.terminating;
            made.terminating = one.terminating;
        }
    }

    const options& by_;
    std::vector<model::endpoint> out_;
    std::unordered_set<std::string> met_;
};

std::vector<model::endpoint> external(const cluster::service& of, const port_ref& port, const options& by) {
    if (!by.external_names) return {};
    std::string host = of.external_name;
    if (host.ends_with('.')) host.pop_back();
    if (!parse_ip(host) && !model::is_dns_name(host)) return {};
    std::uint16_t number = port.number;
    for (const auto& one : of.ports)
        if (is_meant(one, port)) number = target_number(one) != 0 ? target_number(one) : one.port;
    if (number == 0) return {};
    model::endpoint out;
    out.host = std::move(host);
    out.port = number;
    return {out};
}

} // namespace

std::vector<model::endpoint>
endpoints_of(const cluster::view& from, const service_ref& to, bool by_service_address, const options& by) {
    const auto key = to.service_key();
    const auto* service = from.find<cluster::service>(key);
    if (!service) return {};
    if (!service->external_name.empty()) return external(*service, to.port, by);
    collector all(by);
    for (const auto& port : service->ports) {
        const bool meant =
            is_meant(port, to.port) || (to.port == port_ref{} && service->ports.size() == 1 && port.tcp);
        if (!meant) continue;
        if (by_service_address && parse_ip(service->cluster_ip)) {
            model::endpoint one;
            one.host = service->cluster_ip;
            one.port = port.port;
            return {one};
        }
        const auto& slices = from.slices_of(key);
        for (const auto& one : slices) all.add(*one, port);
        if (!slices.empty()) continue;
        if (const auto* old = from.find<cluster::endpoints>(key))
            for (const auto& one : old->subsets) all.add(one, port);
    }
    // A headless Service may name no port at all: then the number of the Ingress is the endpoints' own.
    if (service->ports.empty() && to.port.number != 0) {
        service_port port;
        port.port = to.port.number;
        for (const auto& one : from.slices_of(key)) all.add(*one, port);
    }
    return all.take();
}

} // namespace adit::source::ingress
