#include "source/ingress/web.hpp"

#include <utility>

namespace adit::source::ingress {

namespace {

const std::set<std::string>&
in(const std::map<std::string, std::set<std::string>>& of, const std::string& key) {
    static const std::set<std::string> none;
    const auto at = of.find(key);
    return at == of.end() ? none : at->second;
}

} // namespace

void web::for_each_entry(const ties& of, const std::function<void(index&, const std::string&)>& visit) {
    for (const auto& one : of.hosts) visit(hosts_, one);
    for (const auto& one : of.upstreams) visit(upstreams_, one);
    for (const auto& one : of.watched) visit(watched_, one);
}

void web::put(const std::string& ingress, ties now) {
    remove(ingress);
    for_each_entry(now, [&](index& to, const std::string& key) { to[key].insert(ingress); });
    ties_.emplace(ingress, std::move(now));
}

void web::remove(const std::string& ingress) {
    const auto known = ties_.find(ingress);
    if (known == ties_.end()) return;
    for_each_entry(known->second, [&](index& from, const std::string& key) {
        const auto at = from.find(key);
        at->second.erase(ingress);
        if (at->second.empty()) from.erase(at);
    });
    ties_.erase(known);
}

const std::set<std::string>& web::on_host(const std::string& host) const {
    return in(hosts_, host);
}

const web::ties* web::find(const std::string& ingress) const {
    const auto at = ties_.find(ingress);
    return at == ties_.end() ? nullptr : &at->second;
}

std::set<std::string> web::all_tied_to(const std::string& ingress) const {
    std::set<std::string> out{ingress};
    std::vector<std::string> open{ingress};
    const auto reach = [&](const std::set<std::string>& those) {
        for (const auto& one : those)
            if (out.insert(one).second) open.push_back(one);
    };
    while (!open.empty()) {
        const auto* of = find(std::exchange(open.back(), {}));
        open.pop_back();
        if (!of) continue;
        for (const auto& one : of->hosts) reach(in(hosts_, one));
        for (const auto& one : of->upstreams) reach(in(watched_, one));
        for (const auto& one : of->watched) reach(in(upstreams_, one));
    }
    return out;
}

} // namespace adit::source::ingress
