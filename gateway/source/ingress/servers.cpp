#include "source/ingress/servers.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace adit::source::ingress {

namespace {

complaint about(const item& of, const std::string& what, std::string message, std::string hint = {}) {
    return {
        complaint::severity::warning, of.meta().at,
        "Ingress " + of.meta().key() + (what.empty() ? "" : ": " + what), std::move(message),
        std::move(hint)};
}

std::string host_of(const cluster::ingress_rule& rule) {
    return rule.host.empty() ? std::string(any_host) : rule.host;
}

location default_location(const item* owner, std::size_t rule, std::optional<service_ref> backend) {
    location out;
    out.owner = owner;
    out.rule = rule;
    out.is_default = true;
    out.backend = std::move(backend);
    return out;
}

std::optional<service_ref> default_backend(const item& of) {
    const auto& wish = of.object->default_backend;
    if (!wish || wish->service.empty()) return std::nullopt;
    return service_of(of, *wish);
}

class builder {
public:
    builder(
        const std::vector<const item*>& ordinary, const std::function<bool(const service_ref&)>& takes,
        complaints& out
    )
        : ordinary_(ordinary), takes_(takes), out_(out) {}

    servers build() {
        made_[std::string(any_host)].locations.push_back(default_location(nullptr, no_index, std::nullopt));
        for (const auto* one : ordinary_) open_hosts(*one);
        for (const auto* one : ordinary_) add_aliases(*one);
        for (const auto* one : ordinary_)
            for (std::size_t i = 0; i < one->object->rules.size(); ++i) add_paths(*one, i);
        return std::move(made_);
    }

private:
    void open_hosts(const item& one) {
        const auto spare = default_backend(one);
        auto& rest = made_[std::string(any_host)].locations.front();
        if (spare && one.object->rules.empty()) {
            if (rest.is_default) {
                rest = default_location(&one, no_index, spare);
                rest.is_default = false;
            } else {
                out_.push_back(about(
                    one, "spec.defaultBackend",
                    "the backend for all other hosts is that of an older Ingress, " + rest.owner->meta().key()
                ));
            }
        }
        for (std::size_t i = 0; i < one.object->rules.size(); ++i) {
            const auto [at, is_new] = made_.try_emplace(host_of(one.object->rules[i]));
            if (is_new) at->second.locations.push_back(default_location(&one, i, spare));
        }
    }

    void add_aliases(const item& one) {
        for (const auto& rule : one.object->rules) {
            const auto host = host_of(rule);
            if (host == any_host) continue;
            for (const auto& alias : one.wants->aliases) {
                auto& known = made_.find(host)->second.aliases;
                if (alias == host || std::find(known.begin(), known.end(), alias) != known.end()) continue;
                if (made_.contains(alias) || !aliases_.insert(alias).second)
                    out_.push_back(about(
                        one, "server-alias",
                        "the alias " + alias + " is a host of its own or another's alias, and is left out"
                    ));
                else
                    known.push_back(alias);
            }
        }
    }

    void add_paths(const item& one, std::size_t rule) {
        const auto& wish = one.object->rules[rule];
        auto& into = made_.find(host_of(wish))->second;
        for (std::size_t i = 0; i < wish.paths.size(); ++i) {
            const auto& path = wish.paths[i];
            if (path.backend.service.empty()) {
                out_.push_back(about(
                    one, "spec.rules[" + std::to_string(rule) + "].http.paths[" + std::to_string(i) + ']',
                    "the backend is no Service, so the path is left out"
                ));
                continue;
            }
            auto backend = service_of(one, path.backend);
            if (takes_(backend)) add_path(one, rule, i, std::move(backend), into);
        }
    }

    void add_path(const item& one, std::size_t rule, std::size_t index, service_ref backend, server& into) {
        const auto& wish = one.object->rules[rule].paths[index];
        location made;
        made.path = wish.path.empty() ? "/" : wish.path;
        made.exact = wish.exact;
        made.owner = &one;
        made.rule = rule;
        made.index = index;
        made.backend = std::move(backend);
        const auto same =
            std::find_if(into.locations.begin(), into.locations.end(), [&](const location& each) {
                return each.path == made.path && each.exact == made.exact;
            });
        if (same == into.locations.end()) {
            into.locations.push_back(std::move(made));
        } else if (same->is_default) {
            *same = std::move(made);
        } else if (same->backend != made.backend || same->owner != made.owner) {
            out_.push_back(about(
                one, "spec.rules[" + std::to_string(rule) + "].http.paths[" + std::to_string(index) + ']',
                "the path " + made.path + " of " + host_of(one.object->rules[rule]) +
                    " belongs to an older Ingress, " + same->owner->meta().key() + ", so it is left out"
            ));
        }
    }

    const std::vector<const item*>& ordinary_;
    const std::function<bool(const service_ref&)>& takes_;
    complaints& out_;
    servers made_;
    std::set<std::string> aliases_;
};

} // namespace

service_ref service_of(const item& of, const cluster::ingress_backend& backend) {
    return {of.meta().name_space, backend.service, backend.port};
}

std::string location::route_name() const {
    std::string out = owner->meta().key();
    if (rule != no_index) out += '/' + std::to_string(rule);
    return out + (index == no_index ? "/default" : '/' + std::to_string(index));
}

bool asks_for_regex(const location& one) {
    if (!one.owner || (one.is_default && one.rule == no_index)) return false;
    const auto& wants = *one.owner->wants;
    return wants.use_regex || (!wants.rewrite_target.empty() && wants.rewrite_target != one.path);
}

bool server::is_regex() const {
    return std::any_of(locations.begin(), locations.end(), &asks_for_regex);
}

servers build_servers(
    const std::vector<const item*>& ordinary, const std::function<bool(const service_ref&)>& takes,
    complaints& out
) {
    return builder(ordinary, takes, out).build();
}

} // namespace adit::source::ingress
