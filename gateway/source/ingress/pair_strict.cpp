// The upstreams of ingress-nginx, which are shared by all paths that name the same port of a Service: its
// controller's createUpstreams and mergeAlternativeBackends, step by step.
#include "source/ingress/pair_strict.hpp"

#include <algorithm>
#include <map>

namespace adit::source::ingress {

namespace {

struct upstream {
    bool no_server = false;              // made by a canary: no path may lead there
    const canary_wish* policy = nullptr; // of the object that made it
    const item* maker = nullptr;
    service_ref to;
    std::vector<std::string> alternatives;
};

class strict_pairing {
public:
    strict_pairing(const std::vector<item>& all, complaints& out) : all_(all), out_(out) {}

    servers pair() {
        for (const auto& one : all_) make_upstreams(one);
        std::vector<const item*> ordinary;
        for (const auto& one : all_)
            if (!one.is_canary()) ordinary.push_back(&one);
        made_ = build_servers(
            ordinary, [this](const service_ref& to) { return !upstreams_.at(to.upstream_name()).no_server; },
            out_
        );
        if (!ordinary.empty())
            for (const auto& one : all_)
                if (one.is_canary()) merge(one);
        for (auto& [host, server] : made_)
            for (auto& one : server.locations) attach(one);
        return std::move(made_);
    }

private:
    void make_upstream(const item& by, const cluster::ingress_backend& backend, bool anew) {
        if (backend.service.empty()) return;
        auto to = service_of(by, backend);
        const auto [at, is_new] = upstreams_.try_emplace(to.upstream_name());
        if (!is_new && !anew) return;
        at->second = {by.is_canary(), by.is_canary() ? &by.wants->canary : nullptr, &by, std::move(to), {}};
    }

    void make_upstreams(const item& one) {
        if (one.object->default_backend) make_upstream(one, *one.object->default_backend, true);
        for (const auto& rule : one.object->rules)
            for (const auto& path : rule.paths) make_upstream(one, path.backend, false);
    }

    // True when the location's upstream is the canary's own, which ends the search.
    bool meets(location& at, const std::string& name, bool fits, bool& merged) {
        if (!at.backend) return false;
        const auto primary_name = at.backend->upstream_name();
        if (primary_name == name) return true;
        const auto primary = upstreams_.find(primary_name);
        if (!fits || primary == upstreams_.end() || primary->second.no_server) return false;
        auto& list = primary->second.alternatives;
        if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
        merged = true;
        return false;
    }

    void merge_into(server& at, const std::string& name, const std::function<bool(const location&)>& fits) {
        bool merged = false, is_primary = false;
        for (auto& one : at.locations) {
            is_primary = meets(one, name, fits(one), merged);
            if (is_primary) break;
        }
        if (!is_primary && !merged) upstreams_.erase(name);
    }

    void merge(const item& canary) {
        if (const auto& spare = canary.object->default_backend; spare && !spare->service.empty()) {
            const auto name = service_of(canary, *spare).upstream_name();
            if (upstreams_.contains(name))
                merge_into(made_.at(std::string(any_host)), name, [](const location&) { return true; });
        }
        for (const auto& rule : canary.object->rules) {
            const auto host = made_.find(rule.host.empty() ? std::string(any_host) : rule.host);
            for (const auto& path : rule.paths) {
                if (path.backend.service.empty()) continue;
                const auto name = service_of(canary, path.backend).upstream_name();
                if (!upstreams_.contains(name) || host == made_.end()) continue;
                const std::string text = path.path.empty() ? "/" : path.path;
                merge_into(host->second, name, [&](const location& one) {
                    return one.path == text && one.exact == path.exact;
                });
            }
        }
    }

    // Of several alternatives only the first is ever asked.
    void attach(location& to) const {
        if (!to.backend) return;
        const auto primary = upstreams_.find(to.backend->upstream_name());
        if (primary == upstreams_.end() || primary->second.alternatives.empty()) return;
        const auto first = upstreams_.find(primary->second.alternatives.front());
        if (first == upstreams_.end() || !first->second.policy) return;
        to.canaries.push_back({first->second.maker, first->second.policy, first->second.to});
    }

    const std::vector<item>& all_;
    complaints& out_;
    std::map<std::string, upstream> upstreams_;
    servers made_;
};

} // namespace

servers pair_strict(const std::vector<item>& all, complaints& out) {
    return strict_pairing(all, out).pair();
}

} // namespace adit::source::ingress
