// --default-backend-service: who answers where nobody else does.
#include "model/grammar.hpp"
#include "source/ingress/endpoints.hpp"
#include "source/ingress/routes.hpp"

#include <set>

namespace adit::source::ingress {

namespace {

constexpr std::string_view route_name = "default-backend";

bool has_root(const server& of) {
    for (const auto& one : of.locations)
        if (one.path == "/" && !one.exact && one.backend) return true;
    return false;
}

const item* owner_of(const server& of) {
    for (const auto& one : of.locations)
        if (one.owner) return one.owner;
    return nullptr;
}

} // namespace

void check_default_backend(const cluster::view& objects, const options& by, complaints& out) {
    const auto& key = by.default_backend;
    if (key.empty() || by.services_unseen) return;
    const auto* service = objects.find<cluster::service>(key);
    if (service && !service->ports.empty()) return;
    out.push_back(
        {complaint::severity::warning,
         {},
         "--default-backend-service",
         service ? "the Service " + key + " has no port" : "there is no Service " + key,
         "404 is answered instead"}
    );
}

void add_default_backend(
    const servers& all, bool rest, const route_context& in, std::vector<model::route>& into
) {
    const auto& key = in.by.default_backend;
    if (key.empty() || in.by.services_unseen) return;
    const auto* service = in.objects.find<cluster::service>(key);
    if (!service || service->ports.empty()) return;
    model::route made;
    made.name = made.counted_as = route_name;
    made.send_colour = false;
    auto& stable = made.tracks.emplace_back();
    stable.name = "stable";
    const auto& port = service->ports.front();
    stable.endpoints = endpoints_of(
        in.objects, {service->meta.name_space, service->meta.name, {port.port, port.name}}, false, in.by
    );
    stable.upstream = key;
    // Hosts that have paths, but not all of them; and everybody else.
    for (const auto& [host, one] : all) {
        const auto* owner = owner_of(one);
        if (!owner || host == any_host || has_root(one) || model::check_host_pattern(host)) continue;
        if (made.match.hosts.empty()) made.name.append("/").append(owner->meta().key());
        made.match.hosts.push_back(host);
        made.match.hosts.insert(made.match.hosts.end(), one.aliases.begin(), one.aliases.end());
    }
    if (!made.match.hosts.empty()) into.push_back(made);
    const auto known = all.find(std::string(any_host));
    if (!rest || (known != all.end() && has_root(known->second))) return;
    made.name = route_name;
    made.match.hosts.clear();
    into.push_back(std::move(made));
}

void add_www_redirects(const servers& all, const route_context& in, std::vector<model::route>& into) {
    constexpr std::string_view www = "www.";
    std::set<std::string> met;
    for (const auto& [host, one] : all) {
        const item* owner = nullptr;
        for (const auto& each : one.locations)
            if (each.owner && each.owner->wants->from_to_www && !owner) owner = each.owner;
        if (!owner || host == any_host || host.starts_with('*') || model::check_host_pattern(host)) continue;
        auto other = host.starts_with(www) ? host.substr(www.size()) : std::string(www).append(host);
        if (all.contains(other) || !met.insert(other).second || model::check_host_pattern(other)) continue;
        model::route made;
        made.counted_as = owner->meta().key();
        made.name = made.counted_as + "/www/" + std::to_string(met.size());
        made.at = owner->meta().at;
        made.send_colour = false;
        made.match.hosts = {std::move(other)};
        made.tracks.emplace_back().name = "stable";
        auto& redirect = made.policies.redirect.emplace();
        redirect.to = "$scheme://" + host + "$request_uri";
        redirect.code = in.base.redirect_code;
        into.push_back(std::move(made));
    }
}

} // namespace adit::source::ingress
