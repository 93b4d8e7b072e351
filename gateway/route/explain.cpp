#include "route/explain.hpp"

#include "route/table_body.hpp"

#include <algorithm>

namespace adit::route {

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    return out.append(text).append("\"");
}

std::string name_of(const scope* where) {
    if (!where) return "no host";
    switch (where->kind) {
    case scope_kind::exact: return "host " + where->name;
    case scope_kind::wildcard: return "wildcard *." + where->name;
    case scope_kind::any: break;
    }
    return "routes without a host";
}

std::string wanted(const model::value_match& one) {
    switch (one.how) {
    case model::value_match::kind::exact: return "wanted " + quoted(one.text);
    case model::value_match::kind::regex: return "wanted a match of " + quoted(one.text);
    case model::value_match::kind::present: break;
    }
    return "wanted any value";
}

std::string
found_instead(std::string_view what, const model::value_match& one, bool there, std::string_view value) {
    std::string out(what);
    out.append(" ").append(one.name);
    return out.append(there ? " is " + quoted(value) : std::string(" is absent"))
        .append(", ")
        .append(wanted(one));
}

std::string tell(const conditions::miss& missed, const model::route& wish, const http::request_head& head) {
    switch (missed.what) {
    case conditions::miss::kind::header: {
        const auto& one = wish.match.headers[missed.index];
        const auto* f = http::find_field(head, http::field_key(one.name));
        return found_instead("header", one, f, f ? head.value(*f) : std::string_view{});
    }
    case conditions::miss::kind::query: {
        const auto& one = wish.match.query[missed.index];
        std::string scratch(head.query().size(), '\0');
        const auto value = http::find_query(head.query(), one.name, scratch);
        return found_instead("query parameter", one, value.data(), value);
    }
    case conditions::miss::kind::method: break;
    }
    std::string methods;
    for (const auto& one : wish.match.methods) methods.append(methods.empty() ? "" : ", ").append(one);
    return "method is " + std::string(head.method_text()) + ", wanted " + methods;
}

std::string path_text(const model::path_match& path) {
    switch (path.how) {
    case model::path_match::kind::exact: return "the path " + quoted(path.text);
    case model::path_match::kind::regex: return "a path that matches " + quoted(path.text);
    case model::path_match::kind::prefix: break;
    }
    return "the prefix " + quoted(path.text);
}

std::string hosts_text(const model::match& match) {
    std::string out;
    for (const auto& one : match.hosts) out.append(out.empty() ? "wants host " : " or ").append(one);
    return out.empty() ? "has no host, and the request's host has routes of its own" : out;
}

class story_teller {
public:
    story_teller(
        const table& routes, const http::request_head& head, std::string_view host, std::string_view path,
        std::size_t max_lines
    )
        : routes_(routes), head_(head), max_lines_(max_lines) {
        out_.host = host;
        out_.path = path;
    }

    route_story tell_all() && {
        const auto at = table_walk::find(routes_, out_.host);
        out_.scope = name_of(at.where);
        if (at.part) {
            look_into(*at.part);
            in_->walk(*at.where, out_.path, [this](candidate one) {
                offered(one.entry);
                return false;
            });
            add_rest(at.where);
            add_other_hosts();
        }
        for (const auto& one : table_walk::parts(routes_)) {
            if (one.get() == at.part) continue;
            look_into(*one);
            add_other_hosts();
        }
        return std::move(out_);
    }

private:
    const model::route& route(std::size_t at) const { return *in_->entries[at].route; }

    void look_into(const table_body& part) {
        in_ = &part;
        seen_.assign(part.entries.size(), false);
    }

    void add_other_hosts() {
        for (std::size_t at = 0; at < seen_.size(); ++at)
            if (!seen_[at]) add(at, route_line::outcome::host, hosts_text(route(at).match));
    }

    void offered(std::uint32_t at) {
        if (const auto missed = in_->wants[at].first_miss(head_))
            return add(at, route_line::outcome::condition, tell(*missed, route(at), head_));
        if (out_.matched)
            return add(
                at, route_line::outcome::shadowed, "fits too, but comes after " + out_.matched->route->name
            );
        out_.matched = &in_->entries[at];
        add(at, route_line::outcome::matched, out_.scope + ", " + path_text(route(at).match.path));
    }

    // Routes of the same host whose path is another.
    void add_rest(const scope* where) {
        std::vector<std::uint32_t> same_host;
        const auto note = [&](candidates_range range) {
            for (auto i = range.first; i != range.first + range.count; ++i)
                if (!seen_[in_->candidates[i].entry]) same_host.push_back(in_->candidates[i].entry);
        };
        const auto of = static_cast<std::uint32_t>(where - in_->scopes.data());
        for (const auto& node : in_->nodes)
            if (node.scope == of) note(node.routes);
        for (auto i = where->regex_first; i != where->regex_first + where->regex_count; ++i)
            note(in_->regexes[i].routes);
        std::sort(same_host.begin(), same_host.end());
        for (const auto at : same_host)
            add(at, route_line::outcome::path, "wants " + path_text(route(at).match.path));
    }

    void add(std::size_t at, route_line::outcome what, std::string why) {
        seen_[at] = true;
        if (out_.lines.size() < max_lines_)
            out_.lines.push_back({route(at).name, what, std::move(why)});
        else
            ++out_.left_out;
    }

    const table& routes_;
    const table_body* in_ = nullptr;
    const http::request_head& head_;
    std::size_t max_lines_;
    std::vector<bool> seen_;
    route_story out_;
};

} // namespace

std::string_view to_text(route_line::outcome what) noexcept {
    switch (what) {
    case route_line::outcome::matched: return "matched";
    case route_line::outcome::shadowed: return "shadowed";
    case route_line::outcome::condition: return "condition";
    case route_line::outcome::path: return "path";
    case route_line::outcome::host: break;
    }
    return "host";
}

route_story explain(
    const table& routes, const http::request_head& head, std::string_view host, std::string_view path,
    std::size_t max_lines
) {
    return story_teller(routes, head, host, path, max_lines).tell_all();
}

} // namespace adit::route
