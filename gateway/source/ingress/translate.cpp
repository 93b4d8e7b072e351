#include "source/ingress/translate.hpp"

#include "source/cluster/view.hpp"
#include "source/ingress/pair.hpp"
#include "source/ingress/read_wishes.hpp"
#include "source/ingress/routes.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace adit::source::ingress {

namespace {

using cluster::lookup;
using cluster::lookups;

const std::string any_host_name{any_host};
constexpr char of_component = '\n'; // before the name of one that asks
const std::string rest_name{};      // of the component of nobody: who answers where there is no route at all

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

bool meet(const lookups& a, const lookups& b) {
    return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.contains(one); });
}

bool has_kind(const lookups& among, std::string_view kind) {
    const auto at = among.lower_bound(lookup{kind, {}});
    return at != among.end() && at->kind == kind;
}

void append(complaints& to, const complaints& from) {
    to.insert(to.end(), from.begin(), from.end());
}

using visit_backend = std::function<
    void(const cluster::ingress_rule*, const cluster::ingress_path*, const cluster::ingress_backend&)>;

// The default one has neither rule nor path.
void for_each_backend(const cluster::ingress& of, const visit_backend& visit) {
    if (of.default_backend && !of.default_backend->service.empty()) visit({}, {}, *of.default_backend);
    for (const auto& rule : of.rules)
        for (const auto& path : rule.paths)
            if (!path.backend.service.empty()) visit(&rule, &path, path.backend);
}

std::string upstream_of(const cluster::ingress& of, const cluster::ingress_backend& to) {
    return service_ref{of.meta.name_space, to.service, to.port}.upstream_name();
}

} // namespace

// One update().
struct translator::work {
    const cluster::state& from;
    const lookups& touched;
    step out;
    names dirty;  // Ingresses that are to be read
    names around; // those, and all that were or are tied to them
    std::map<std::string, std::shared_ptr<const wishes>> fresh; // of Ingresses that were read
    bool tls_changed = false;
};

translator::step translator::update(const cluster::state& from, const lookups& touched) {
    work now{from, touched, {}, {}, {}, {}, false};
    const bool all = begin(now);
    find_dirty(now, all);
    for (const auto& name : now.dirty) read(now, name);
    translate_around(now);
    translate_rest(now);
    if (all || now.tls_changed || meet(touched, tls_asked_)) read_certificates(now);
    begun_ = true;
    return std::move(now.out);
}

// What holds for all of it. True if everything is to be read again.
bool translator::begin(work& now) {
    const bool other_choice =
        has_kind(now.touched, cluster::ingress_class::kind) ||
        (!by_.namespace_selector.empty() && has_kind(now.touched, cluster::name_space::kind));
    if (begun_ && !other_choice && !meet(now.touched, base_asked_)) return false;
    append(now.out.gone, std::exchange(base_found_, {}));
    base_frame_ = {};
    base_frame_.listeners = listeners_;
    base_asked_.clear();
    const cluster::view objects(now.from, base_asked_);
    base_ = read_settings(objects, by_, base_frame_, base_found_);
    check_default_backend(objects, by_, base_found_);
    append(now.out.come, base_found_);
    return true;
}

void translator::find_dirty(work& now, bool all) {
    if (all) {
        for (const auto& [name, one] : now.from.all<cluster::ingress>()) now.dirty.insert(name);
        for (const auto& [name, one] : entries_) now.dirty.insert(name);
        return;
    }
    for (const auto& one : now.touched) {
        if (one.kind == cluster::ingress::kind) now.dirty.insert(one.key);
        if (const auto at = askers_.find(one); at != askers_.end())
            for (const auto& who : at->second) now.dirty.insert(who.substr(who.starts_with(of_component)));
    }
    now.dirty.erase(rest_name);
}

// Brings one Ingress up to date, and how it is tied to others.
void translator::read(work& now, const std::string& name) {
    auto& one = entries_[name];
    now.around.insert(name);
    if (!one.home.empty()) {
        const auto& members = components_.at(one.home).members;
        now.around.insert(members.begin(), members.end());
        take_out(now, std::string(one.home));
    }
    now.tls_changed = now.tls_changed || one.wants_tls();
    ask_no_more(one.asked, name);
    one.asked.clear();
    append(now.out.gone, std::exchange(one.found, {}));
    const auto& all = now.from.all<cluster::ingress>();
    const auto object = all.find(name);
    if (object == all.end()) {
        web_.remove(name);
        entries_.erase(name);
        return;
    }
    if (selection(now.from, by_, one.found).takes(*object->second)) {
        read_object(now, one, object->second);
        ask(one.asked, name);
    } else {
        web_.remove(name);
        one.object.reset();
    }
    append(now.out.come, one.found);
    now.tls_changed = now.tls_changed || one.wants_tls();
}

// Where ingress-nginx refuses a new version of an object, the last one it took stays.
void translator::read_object(work& now, entry& one, const cluster::ref<cluster::ingress>& object) {
    const auto name = object->meta.key();
    const cluster::view objects(now.from, one.asked);
    const auto good = std::exchange(one.object, object);
    auto wants = read_wishes(*object, objects, base_, by_, one.found);
    if (!wants) {
        one.object = good;
        complaints old; // told when it was new
        if (good) wants = read_wishes(*good, objects, base_, by_, old);
    }
    if (!wants) {
        one.object.reset();
        one.clients.reset();
        web_.remove(name);
        return;
    }
    one.canary = wants->canary.enabled;
    one.clients = wants->clients && !one.canary
                      ? std::make_shared<const model::client_certificates>(*wants->clients)
                      : nullptr;
    web_.put(name, ties_of(one, *wants));
    now.fresh[name] = std::make_shared<const wishes>(std::move(*wants));
}

web::ties translator::ties_of(const entry& one, const wishes& wants) const {
    constexpr std::string_view www = "www.";
    web::ties out;
    const auto& of = *one.object;
    for (const auto& rule : of.rules) out.hosts.insert(rule.host.empty() ? any_host_name : rule.host);
    if (of.default_backend && (of.rules.empty() || one.canary)) out.hosts.insert(any_host_name);
    if (!one.canary) {
        out.hosts.insert(wants.aliases.begin(), wants.aliases.end());
        if (wants.from_to_www)
            for (const auto& rule : of.rules)
                out.hosts.insert(
                    rule.host.starts_with(www) ? rule.host.substr(www.size()) : std::string(www) + rule.host
                );
    }
    // Upstreams of ingress-nginx are shared by all that lead there, canaries or not.
    if (!one.canary || by_.strict())
        for_each_backend(of, [&](auto, auto, const auto& to) { out.upstreams.insert(upstream_of(of, to)); });
    if (by_.strict()) out.watched = out.upstreams;
    return out;
}

// Of a canary: its own Services, and those beside which it stands. Whoever else leads there is told of.
std::set<std::string> translator::watched_by(const entry& one) const {
    std::set<std::string> out;
    const auto& of = *one.object;
    for_each_backend(of, [&](auto rule, auto path, const auto& to) {
        out.insert(upstream_of(of, to));
        for (const auto& name : web_.on_host(rule && !rule->host.empty() ? rule->host : any_host_name)) {
            const auto& other = entries_.at(name);
            if (!other.object || other.canary) continue;
            for_each_backend(*other.object, [&](auto there, auto with, const auto& stable) {
                const bool same = path && with ? rule->host == there->host && path->path == with->path &&
                                                     path->exact == with->exact
                                               : !path;
                if (same) out.insert(upstream_of(*other.object, stable));
            });
        }
    });
    return out;
}

// Lets the canaries among these see what they have to, until nobody is missing.
void translator::watch(names& among) {
    for (bool again = true; std::exchange(again, false);) {
        for (const auto& name : among) {
            const auto at = entries_.find(name);
            if (at == entries_.end() || !at->second.object || !at->second.canary) continue;
            auto ties = *web_.find(name);
            auto watched = watched_by(at->second);
            if (ties.watched == watched) continue;
            ties.watched = std::move(watched);
            web_.put(name, std::move(ties));
        }
        names wider;
        for (const auto& name : among) {
            if (wider.contains(name)) continue;
            const auto tied = web_.all_tied_to(name);
            wider.insert(tied.begin(), tied.end());
            for (const auto& each : tied)
                if (const auto one = entries_.find(each);
                    one != entries_.end() && !one->second.home.empty()) {
                    const auto& members = components_.at(one->second.home).members;
                    wider.insert(members.begin(), members.end());
                }
        }
        again = wider.size() != among.size();
        among = std::move(wider);
    }
}

void translator::translate_around(work& now) {
    watch(now.around);
    for (const auto& name : now.around)
        if (const auto one = entries_.find(name); one != entries_.end() && !one->second.home.empty())
            take_out(now, std::string(one->second.home));
    auto left = std::move(now.around);
    while (!left.empty()) {
        auto tied = web_.all_tied_to(*left.begin());
        for (const auto& name : tied) left.erase(name);
        std::erase_if(tied, [&](const auto& name) {
            const auto one = entries_.find(name);
            return one == entries_.end() || !one->second.object;
        });
        if (!tied.empty()) translate(now, tied);
    }
}

void translator::take_out(work& now, const std::string& home) {
    const auto at = components_.find(home);
    if (at == components_.end()) return;
    for (const auto& name : at->second.members)
        if (const auto one = entries_.find(name); one != entries_.end()) one->second.home.clear();
    if (at->second.routes) now.out.groups.removed.push_back(std::move(at->second.routes));
    append(now.out.gone, at->second.found);
    ask_no_more(at->second.asked, of_component + home);
    components_.erase(at);
}

std::vector<item> translator::items_of(work& now, const component& of) const {
    std::vector<item> out;
    for (const auto& name : of.members) {
        const auto& one = entries_.at(name);
        auto& wants = now.fresh[name];
        if (!wants) {
            lookups asked; // as before
            complaints told;
            auto read = read_wishes(*one.object, cluster::view(now.from, asked), base_, by_, told);
            if (!read) continue;
            wants = std::make_shared<const wishes>(std::move(*read));
        }
        out.push_back({one.object, std::move(wants)});
    }
    std::sort(out.begin(), out.end(), [](const item& a, const item& b) {
        return comes_first(*a.object, *b.object);
    });
    return out;
}

void translator::translate(work& now, const names& members) {
    component made;
    made.members.assign(members.begin(), members.end());
    const auto all = items_of(now, made);
    const cluster::view objects(now.from, made.asked);
    const auto paired_servers = pair_all(all, by_, made.found);
    const auto tls = hosts_with_tls(all);
    const route_context in{objects, by_, base_, tls, made.found};
    std::vector<model::route> routes;
    for (const auto& [host, one] : paired_servers) add_routes(host, one, in, routes);
    add_www_redirects(paired_servers, in, routes);
    const bool has_rest = std::any_of(members.begin(), members.end(), [&](const auto& name) {
        return web_.find(name)->hosts.contains(any_host_name);
    });
    add_default_backend(paired_servers, has_rest, in, routes);
    if (!routes.empty()) made.routes = std::make_shared<const model::route_group>(std::move(routes));
    for (const auto& name : made.members) entries_.at(name).home = made.members.front();
    const auto name = made.members.front();
    put(now, name, std::move(made));
}

// Who answers for hosts that nobody has, unless some Ingress does.
void translator::translate_rest(work& now) {
    if (by_.default_backend.empty()) return;
    const bool wanted = web_.on_host(any_host_name).empty();
    const auto known = components_.find(rest_name);
    if (known != components_.end()) {
        if (wanted && begun_ && !meet(now.touched, known->second.asked) && now.out.groups.empty()) return;
        take_out(now, rest_name);
    }
    if (!wanted) return;
    component made;
    const cluster::view objects(now.from, made.asked);
    std::vector<model::route> routes;
    add_default_backend({}, true, {objects, by_, base_, {}, made.found}, routes);
    if (!routes.empty()) made.routes = std::make_shared<const model::route_group>(std::move(routes));
    put(now, rest_name, std::move(made));
}

void translator::put(work& now, const std::string& name, component made) {
    if (made.routes) now.out.groups.added.push_back(made.routes);
    append(now.out.come, made.found);
    ask(made.asked, of_component + name);
    components_.insert_or_assign(name, std::move(made));
}

void translator::read_certificates(work& now) {
    std::vector<tls_wish> all;
    for (const auto& [name, one] : entries_)
        if (one.wants_tls()) all.push_back({one.object, one.clients});
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return comes_first(*a.object, *b.object);
    });
    append(now.out.gone, std::exchange(tls_found_, {}));
    tls_asked_.clear();
    auto made = certificates_.read(cluster::view(now.from, tls_asked_), all, by_, tls_found_);
    append(now.out.come, tls_found_);
    auto frame = std::make_shared<model::gateway>(base_frame_);
    frame->tls.certificates = std::move(made.certificates);
    frame->tls.made_up_first = made.made_up_first;
    frame->tls.clients = std::move(made.clients);
    now.out.frame = std::move(frame);
}

void translator::ask(const lookups& what, const std::string& who) {
    for (const auto& one : what) askers_[one].insert(who);
}

void translator::ask_no_more(const lookups& what, const std::string& who) {
    for (const auto& one : what) {
        const auto at = askers_.find(one);
        if (at == askers_.end()) continue;
        at->second.erase(who);
        if (at->second.empty()) askers_.erase(at);
    }
}

translation translator::run(const cluster::state& from) {
    begun_ = false;
    auto made = update(from, {});
    translation out;
    out.wish = *made.frame;
    for (const auto& [name, one] : components_)
        if (one.routes) out.wish.routes.insert(out.wish.routes.end(), one.routes->begin(), one.routes->end());
    const auto host_of = [](const model::route& one) {
        return one.match.hosts.empty() ? any_host_name : one.match.hosts.front();
    };
    std::stable_sort(out.wish.routes.begin(), out.wish.routes.end(), [&](const auto& a, const auto& b) {
        return host_of(a) < host_of(b);
    });
    out.found = std::move(made.come);
    return out;
}

} // namespace adit::source::ingress
