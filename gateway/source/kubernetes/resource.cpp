#include "source/kubernetes/resource.hpp"

#include "source/cluster/objects.hpp"

#include <algorithm>

namespace adit::source::kubernetes {

namespace {

constexpr resource ingresses{cluster::ingress::kind, "/apis/networking.k8s.io/v1", "ingresses"};
constexpr resource ingress_classes{
    cluster::ingress_class::kind, "/apis/networking.k8s.io/v1", "ingressclasses", false};
constexpr resource services{cluster::service::kind, "/api/v1", "services"};
// They may be large: a hundred endpoints each.
constexpr resource slices{
    cluster::endpoint_slice::kind, "/apis/discovery.k8s.io/v1", "endpointslices", true, {}, 100};
// Helm keeps its releases in Secrets of up to 1 MiB each.
constexpr resource secrets{
    cluster::secret::kind, "/api/v1", "secrets", true, "fieldSelector=type%21%3Dhelm.sh%2Frelease.v1", 100};
// That of the cluster's authority is in every namespace.
constexpr resource config_maps{
    cluster::config_map::kind,
    "/api/v1",
    "configmaps",
    true,
    "fieldSelector=metadata.name%21%3Dkube-root-ca.crt",
    100};
constexpr resource name_spaces{cluster::name_space::kind, "/api/v1", "namespaces", false};

// An object, or what belongs to it, outside of the namespace that is looked into.
void add_named(
    std::vector<scope>& to, resource what, const ingress::options& by, std::string_view named,
    std::string_view selector
) {
    const auto slash = named.find('/');
    if (by.name_space.empty() || slash == std::string_view::npos) return;
    const auto space = named.substr(0, slash);
    if (space == by.name_space) return;
    what.selector = {};
    to.push_back({what, std::string(space), std::string(selector) + percent_encode(named.substr(slash + 1))});
}

} // namespace

std::string scope::target() const {
    std::string out(of.group);
    if (!name_space.empty()) out.append("/namespaces/").append(percent_encode(name_space));
    out.append("/").append(of.name).append("?");
    for (const std::string_view one : {of.selector, std::string_view(selector)})
        if (!one.empty()) out.append(one).append("&");
    return out;
}

std::string scope::title() const {
    std::string out(of.name);
    if (!name_space.empty()) out.append(" of namespace ").append(name_space);
    return out;
}

std::vector<scope> scopes_of(const ingress::options& by, std::string_view service) {
    constexpr std::string_view by_name = "fieldSelector=metadata.name%3D";
    constexpr std::string_view by_service = "labelSelector=kubernetes.io%2Fservice-name%3D";
    std::vector<scope> out{{ingress_classes}};
    for (const auto& one : {ingresses, services, slices, secrets, config_maps})
        out.push_back({one, by.name_space});
    if (!by.namespace_selector.empty()) out.push_back({name_spaces});
    add_named(out, config_maps, by, by.config_map, by_name);
    add_named(out, secrets, by, by.default_certificate, by_name);
    add_named(out, services, by, by.default_backend, by_name);
    if (service != by.default_backend) add_named(out, services, by, service, by_name);
    add_named(out, slices, by, by.default_backend, by_service);
    return out;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return out;
}

} // namespace adit::source::kubernetes
