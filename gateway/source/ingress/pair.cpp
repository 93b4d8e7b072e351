#include "source/ingress/pair.hpp"

#include "source/ingress/pair_strict.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace adit::source::ingress {

namespace {

class pairing {
public:
    pairing(const std::vector<item>& all, complaints& out) : all_(all), out_(out) {}

    servers pair() {
        std::vector<const item*> ordinary;
        for (const auto& one : all_)
            if (!one.is_canary()) ordinary.push_back(&one);
        // A canary that was switched off and not deleted takes no path from anybody.
        std::stable_partition(ordinary.begin(), ordinary.end(), [](const item* one) {
            return !one->wants->canary.switched_off;
        });
        made_ = build_servers(
            ordinary, [](const service_ref&) { return true; }, out_
        );
        for (const auto& one : all_)
            if (one.is_canary()) place(one);
        count_users();
        for (const auto& one : all_) {
            if (one.is_canary()) tell_differences(one);
            if (one.wants->canary.switched_off) tell_switched_off(one);
        }
        return std::move(made_);
    }

private:
    void warn(const item& of, const std::string& what, std::string message, std::string hint = {}) {
        out_.push_back(
            {complaint::severity::warning, of.meta().at,
             "Ingress " + of.meta().key() + (what.empty() ? "" : ": " + what), std::move(message),
             std::move(hint)}
        );
    }

    // Whether the canary leads elsewhere than the location, which is why it is there.
    static bool differs(const location& at, const service_ref& to) { return at.backend && *at.backend != to; }

    void put(location& at, const item& canary, service_ref to, const std::string& what) {
        for (const auto& one : at.canaries)
            if (one.of == &canary) return; // the path is written twice
        if (at.canaries.size() + 1 >= model::max_tracks)
            return warn(
                canary, what,
                "there are " + std::to_string(at.canaries.size()) + " canaries already, and no room for more"
            );
        if (!at.canaries.empty())
            warn(
                canary, what,
                "ingress-nginx would only heed the oldest canary of a route, " +
                    at.canaries.front().of->meta().key() + "; here all are (ingress-nginx#5848, #9701)"
            );
        at.canaries.push_back({&canary, &canary.wants->canary, std::move(to)});
    }

    void place(const item& canary) {
        if (const auto& spare = canary.object->default_backend; spare && !spare->service.empty()) {
            const auto to = service_of(canary, *spare);
            bool met = false;
            for (auto& one : made_.at(std::string(any_host)).locations) {
                met = met || one.backend.has_value();
                if (differs(one, to)) put(one, canary, to, "spec.defaultBackend");
            }
            if (!met)
                warn(
                    canary, "spec.defaultBackend",
                    "there is no ordinary Ingress for all other hosts beside it"
                );
        }
        for (std::size_t i = 0; i < canary.object->rules.size(); ++i)
            for (std::size_t j = 0; j < canary.object->rules[i].paths.size(); ++j) place_path(canary, i, j);
    }

    void place_path(const item& canary, std::size_t rule, std::size_t index) {
        const auto& wish = canary.object->rules[rule];
        const auto& path = wish.paths[index];
        const auto what =
            "spec.rules[" + std::to_string(rule) + "].http.paths[" + std::to_string(index) + ']';
        if (path.backend.service.empty()) return warn(canary, what, "the backend is no Service");
        const auto to = service_of(canary, path.backend);
        const auto host = made_.find(wish.host.empty() ? std::string(any_host) : wish.host);
        const std::string text = path.path.empty() ? "/" : path.path;
        bool met = false;
        if (host != made_.end())
            for (auto& one : host->second.locations) {
                if (one.path != text || one.exact != path.exact || !one.backend) continue;
                met = true;
                if (differs(one, to)) put(one, canary, to, what);
            }
        if (!met) unpaired_[&canary].push_back({what, wish.host + text, to.upstream_name()});
    }

    void count_users() {
        for (auto& [host, server] : made_)
            for (const auto& one : server.locations)
                if (one.backend) users_[one.backend->upstream_name()].push_back(&one);
    }

    void tell_differences(const item& canary) {
        std::set<std::string> stable, own; // upstreams
        for (auto& [host, server] : made_)
            for (const auto& one : server.locations)
                for (const auto& each : one.canaries)
                    if (each.of == &canary) {
                        stable.insert(one.backend->upstream_name());
                        own.insert(each.to.upstream_name());
                    }
        for (const auto& name : stable) {
            const auto others =
                std::count_if(users_[name].begin(), users_[name].end(), [&](const location* one) {
                    return std::none_of(one->canaries.begin(), one->canaries.end(), [&](const auto& each) {
                        return each.of == &canary;
                    });
                });
            if (others > 0)
                warn(
                    canary, {},
                    "ingress-nginx would send requests of " + std::to_string(others) +
                        " more paths to this canary, since they have the same stable Service; here it is "
                        "asked for its own "
                        "paths only (ingress-nginx#8689, #4028)"
                );
        }
        for (const auto& name : own)
            if (users_.contains(name))
                warn(
                    canary, {},
                    "its Service is that of the ordinary path " + users_[name].front()->route_name() +
                        " too, which ingress-nginx would not serve or not canary, by their age; here both "
                        "work "
                        "(ingress-nginx#11563, #10729)"
                );
        for (const auto& one : unpaired_[&canary])
            warn(
                canary, one.what,
                "no ordinary Ingress has " + one.match +
                    " with the same type of path, so nothing leads to this canary there",
                own.contains(one.upstream)
                    ? "ingress-nginx would drop its other paths as well (ingress-nginx#9830); here they work"
                    : ""
            );
        const auto sticks = [](const location* one) {
            return one->owner && one->owner->wants->sticky.has_value();
        };
        if (canary.wants->canary.forces())
            for (const auto& name : stable)
                if (std::any_of(users_[name].begin(), users_[name].end(), sticks)) {
                    warn(
                        canary, {},
                        "ingress-nginx would not heed its header and cookie of clients whose session cookie "
                        "names stable; "
                        "here they go first (ingress-nginx#8246)"
                    );
                    break;
                }
    }

    void tell_switched_off(const item& one) {
        for (const auto& rule : one.object->rules) {
            const auto host = made_.find(rule.host.empty() ? std::string(any_host) : rule.host);
            if (host == made_.end()) continue;
            for (const auto& path : rule.paths)
                for (const auto& each : host->second.locations)
                    if (each.path == (path.path.empty() ? "/" : path.path) && each.exact == path.exact &&
                        each.owner && each.owner != &one && one.meta().created < each.owner->meta().created)
                        return warn(
                            one, {},
                            "this canary is switched off; ingress-nginx would let it own the path " +
                                each.path + ", being older than " + each.owner->meta().key() +
                                "; here it does not",
                            "delete it"
                        );
        }
    }

    struct lonely {
        std::string what, match, upstream;
    };

    const std::vector<item>& all_;
    complaints& out_;
    servers made_;
    std::map<std::string, std::vector<const location*>> users_; // by the upstream that they name
    std::map<const item*, std::vector<lonely>> unpaired_;
};

} // namespace

servers pair_all(const std::vector<item>& all, const options& by, complaints& out) {
    return by.strict() ? pair_strict(all, out) : pairing(all, out).pair();
}

} // namespace adit::source::ingress
