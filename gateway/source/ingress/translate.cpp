#include "source/ingress/translate.hpp"

#include "source/ingress/endpoints.hpp"
#include "source/ingress/pair.hpp"
#include "source/ingress/read_wishes.hpp"
#include "source/ingress/routes.hpp"
#include "source/ingress/select.hpp"
#include "source/ingress/settings.hpp"

#include <algorithm>
#include <set>

namespace adit::source::ingress {

namespace {

// A host has a certificate, be it the default one, when any Ingress of it has a `tls` section.
std::set<std::string> hosts_with_tls(const std::vector<item>& all) {
    std::set<std::string> out;
    for (const auto& one : all) {
        if (one.is_canary() || one.object->tls.empty()) continue;
        for (const auto& rule : one.object->rules)
            if (!rule.host.empty()) out.insert(rule.host);
    }
    return out;
}

} // namespace

// Where ingress-nginx refuses a new version of an object, the last one it took stays.
std::vector<item> translator::read_all(const cluster::state& from, const settings& base, complaints& out) {
    std::vector<item> all;
    std::set<std::string> keys;
    for (const auto& one : select(from, by_, out)) {
        const auto key = one->meta.key();
        keys.insert(key);
        auto object = one;
        auto wants = read_wishes(*object, from, base, by_, out);
        if (wants) {
            last_good_[key] = object;
        } else if (const auto good = last_good_.find(key); good != last_good_.end()) {
            object = good->second;
            complaints old; // told when it was new
            wants = read_wishes(*object, from, base, by_, old);
        }
        if (wants) all.push_back({std::move(object), std::make_shared<const wishes>(std::move(*wants))});
    }
    std::erase_if(last_good_, [&](const auto& one) { return !keys.contains(one.first); });
    return all;
}

translation translator::run(const cluster::state& from) {
    translation out;
    out.wish.listeners = listeners_;
    const auto base = read_settings(from, by_, out.wish, out.found);
    const auto all = read_all(from, base, out.found);
    const auto paired_servers = pair_all(all, by_, out.found);
    const auto tls = hosts_with_tls(all);
    const route_context in{from, by_, base, tls, out.found};
    for (const auto& [host, one] : paired_servers) add_routes(host, one, in, out.wish.routes);
    add_www_redirects(paired_servers, in, out.wish.routes);
    add_default_backend(paired_servers, in, out.wish.routes);
    auto certificates = certificates_.read(from, all, by_, out.found);
    out.wish.tls.certificates = std::move(certificates.certificates);
    out.wish.tls.made_up_first = certificates.made_up_first;
    out.wish.tls.clients = std::move(certificates.clients);
    return out;
}

} // namespace adit::source::ingress
