#include "source/file/read_policies.hpp"

#include "model/units.hpp"

#include <filesystem>

namespace adit::source {

namespace {

std::optional<model::rewrite> read_rewrite(const value& from) {
    const section map(from);
    if (!map.is_map()) return std::nullopt;
    model::rewrite out;
    const auto regex = map.find("regex"), to = map.find("to"), prefix = map.find("prefix");
    if (prefix && (regex || to)) {
        prefix->complain(
            "`" + std::string(regex ? "regex" : "to") +
                "` stands beside it, only one of the two can be meant",
            "remove one"
        );
        return std::nullopt;
    }
    if (prefix) {
        map.read("prefix", out.to, &value::text);
    } else {
        if (!map.require("to", "e.g. prefix: /new, or regex: \"^/old/(.*)\" with to: \"/$1\""))
            return std::nullopt;
        out.how = model::rewrite::kind::regex;
        map.read("to", out.to, &value::text);
        map.read("regex", out.pattern, &value::text);
        if (regex && out.pattern.empty())
            regex->complain("an empty pattern matches everything", "leave it out to use the route's own");
    }
    map.read("forwarded_prefix", out.forwarded_prefix, &value::text);
    return out;
}

std::optional<model::redirect> read_redirect(const value& from) {
    const section map(from);
    const auto to = map.require("to", "e.g. to: https://new.test$request_uri");
    if (!to) return std::nullopt;
    model::redirect out;
    map.read("to", out.to, &value::text);
    if (const auto code = map.find("code"))
        if (const auto got = code->number()) out.code = static_cast<std::uint16_t>(*got > 999 ? 999 : *got);
    map.read("path", out.path, &value::text);
    return out;
}

std::vector<model::header_value> read_header_values(const value& from) {
    std::vector<model::header_value> out;
    for (const auto& [name, what] : from.members())
        if (auto text = what.text()) out.push_back({name, std::move(*text)});
    return out;
}

model::header_edits read_header_edits(const value& from) {
    const section map(from);
    model::header_edits out;
    if (const auto found = map.find("set")) out.set = read_header_values(*found);
    if (const auto found = map.find("add")) out.add = read_header_values(*found);
    if (const auto found = map.find("remove")) out.remove = found->texts();
    return out;
}

model::access read_access(const value& from) {
    const section map(from);
    model::access out;
    if (const auto found = map.find("allow")) out.allow = found->prefixes(true);
    if (const auto found = map.find("deny")) out.deny = found->prefixes(true);
    return out;
}

void read_list(const section& map, std::string_view name, std::vector<std::string>& into) {
    if (const auto found = map.find(name)) into = found->texts(true);
}

std::optional<model::cors> read_cors(const value& from) {
    const section map(from);
    if (!map.require("origins", "e.g. origins: [https://app.test], or \"*\" for every site"))
        return std::nullopt;
    model::cors out;
    read_list(map, "origins", out.origins);
    read_list(map, "methods", out.methods);
    read_list(map, "headers", out.headers);
    read_list(map, "expose", out.expose);
    map.read("credentials", out.credentials, &value::flag);
    map.read("max_age", out.max_age, &value::duration);
    return out;
}

// A path that is not absolute counts from the folder of the file that it stands in.
std::string path_beside(const value& from, const std::string& written) {
    return (std::filesystem::path(from.at().file).parent_path() / written).string();
}

std::optional<model::basic_auth> read_basic_auth(const value& from) {
    const section map(from);
    const auto file = map.require("file", "an htpasswd file, e.g. /etc/adit/users");
    const auto name = file ? file->text() : std::nullopt;
    if (!name) return std::nullopt;
    model::basic_auth out;
    if (!name->empty()) out.file = path_beside(from, *name);
    map.read("realm", out.realm, &value::text);
    map.read("forward", out.forward, &value::flag);
    return out;
}

std::optional<model::rate_limit> read_rate(const value& from) {
    const section map(from);
    const auto key = map.one_of({"address", "header", "route"});
    if (!key) return std::nullopt;
    model::rate_limit out;
    if (key->key().ends_with(".header")) {
        out.by = model::rate_limit::key::header;
        map.read("header", out.header, &value::text);
    } else {
        key->only_true();
        if (key->key().ends_with(".route")) out.by = model::rate_limit::key::route;
    }
    if (const auto requests = map.find("requests"))
        if (const auto text = requests->text()) {
            model::fault why;
            if (const auto got = model::parse_frequency(*text, &why)) {
                out.requests = got->count;
                out.per = got->per;
            } else {
                requests->complain(std::move(why.message), std::move(why.hint));
            }
        }
    map.read("burst", out.burst, &value::number);
    map.read("connections", out.connections, &value::number);
    if (const auto found = map.find("except")) out.except = found->prefixes(true);
    return out;
}

} // namespace

void read_policies(const section& route, model::policies& into) {
    if (const auto found = route.find("rewrite")) into.rewrite = read_rewrite(*found);
    if (const auto found = route.find("redirect")) into.redirect = read_redirect(*found);
    if (const auto found = route.find("request_headers")) into.request_headers = read_header_edits(*found);
    if (const auto found = route.find("response_headers")) into.response_headers = read_header_edits(*found);
    if (const auto found = route.find("access")) into.access = read_access(*found);
    if (const auto found = route.find("cors")) into.cors = read_cors(*found);
    if (const auto found = route.find("basic_auth")) into.basic_auth = read_basic_auth(*found);
    if (const auto found = route.find("rate"))
        for (const auto& one : found->items())
            if (auto got = read_rate(one)) into.rate.push_back(std::move(*got));
}

void read_track_headers(const section& track, model::track& into) {
    if (const auto found = track.find("request_headers")) into.request_headers = read_header_edits(*found);
    if (const auto found = track.find("response_headers")) into.response_headers = read_header_edits(*found);
}

} // namespace adit::source
