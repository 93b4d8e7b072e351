#include "source/kubernetes/publication.hpp"

#include "core/ip.hpp"
#include "source/ingress/select.hpp"
#include "source/kubernetes/resource.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace adit::source::kubernetes {

namespace {

std::vector<std::string> tidy(std::vector<std::string> all) {
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::vector<std::string> addresses_of(const cluster::service& one) {
    if (!one.external_name.empty()) return {one.external_name};
    auto out = one.published.at;
    if (!one.balanced) out.clear();
    out.insert(out.end(), one.external_ips.begin(), one.external_ips.end());
    if (out.empty() && !one.balanced && !one.cluster_ip.empty()) out.push_back(one.cluster_ip);
    return out;
}

std::string body_of(const std::vector<std::string>& addresses) {
    boost::json::array all;
    for (const auto& one : addresses)
        all.push_back(boost::json::object{{parse_ip(one) ? "ip" : "hostname", one}});
    const boost::json::object balancer{{"ingress", std::move(all)}};
    return boost::json::serialize(boost::json::object{
        {"status", boost::json::object{{"loadBalancer", balancer}}}});
}

} // namespace

std::vector<std::string> addresses_to_publish(const publish_options& by, const cluster::state& from) {
    if (!by.addresses.empty()) return tidy(by.addresses);
    const auto* service = from.find<cluster::service>(by.service);
    return service ? tidy(addresses_of(*service)) : std::vector<std::string>{};
}

std::vector<status_patch> wanted_patches(
    const std::vector<std::string>& addresses, const cluster::state& from, const ingress::options& by
) {
    std::vector<status_patch> out;
    complaints told; // by the translation as well
    for (const auto& one : ingress::select(from, by, told)) {
        if (tidy(one->published.at) == addresses) continue;
        out.push_back(
            {"/apis/networking.k8s.io/v1/namespaces/" + percent_encode(one->meta.name_space) + "/ingresses/" +
                 percent_encode(one->meta.name) + "/status",
             body_of(addresses), one->meta.key()}
        );
    }
    return out;
}

} // namespace adit::source::kubernetes
