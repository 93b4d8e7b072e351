#include "source/file/read_route.hpp"

#include "core/bytes.hpp"
#include "source/file/read_balance.hpp"
#include "source/file/read_bodies.hpp"
#include "source/file/read_endpoints.hpp"
#include "source/file/read_percent.hpp"
#include "source/file/read_policies.hpp"
#include "source/file/read_retry.hpp"
#include "source/file/read_timeouts.hpp"
#include "source/file/read_tls.hpp"

#include <algorithm>

namespace adit::source {

namespace {

using model::path_match;
using model::value_match;

// {name, value | regex | present}; a name alone means present.
std::optional<value_match> read_value_match(const value& from) {
    if (from.kind() == node::kind::scalar) {
        const auto name = from.text().value_or("");
        from.complain_kind(
            "a map", "write {name: " + name + "}, with `value` or `regex` beside it if need be"
        );
        return std::nullopt;
    }
    const section map(from);
    if (!map.is_map()) return std::nullopt;
    value_match out;
    if (const auto name = map.require("name", "e.g. name: X-Next"))
        if (auto got = name->text()) out.name = std::move(*got);
    const auto how = map.one_of({"value", "regex", "present"}, false);
    if (!how) return out;
    if (how->key().ends_with(".present")) {
        how->only_true();
        return out;
    }
    out.how = how->key().ends_with(".value") ? value_match::kind::exact : value_match::kind::regex;
    if (auto got = how->text()) out.text = std::move(*got);
    return out;
}

std::vector<value_match> read_value_matches(const value& from) {
    std::vector<value_match> out;
    for (const auto& one : from.items())
        if (auto got = read_value_match(one)) out.push_back(std::move(*got));
    return out;
}

path_match read_path(const value& from) {
    path_match out;
    if (from.kind() == node::kind::scalar) {
        from.complain_kind("a map", "write {prefix: " + from.text().value_or("/") + "}");
        return out;
    }
    const section map(from);
    const auto how = map.one_of({"prefix", "exact", "regex"});
    if (!how) return out;
    auto got = how->text();
    if (!got) return out;
    out.how = how->key().ends_with(".prefix")  ? path_match::kind::prefix
              : how->key().ends_with(".exact") ? path_match::kind::exact
                                               : path_match::kind::regex;
    out.text = std::move(*got);
    return out;
}

model::match read_match(const value& from) {
    model::match out;
    const section map(from);
    if (const auto hosts = map.find("hosts"))
        for (const auto& one : hosts->texts()) out.hosts.push_back(to_lower(one));
    if (const auto path = map.find("path")) out.path = read_path(*path);
    if (const auto methods = map.find("methods")) out.methods = methods->texts();
    if (const auto headers = map.find("headers")) out.headers = read_value_matches(*headers);
    if (const auto query = map.find("query")) out.query = read_value_matches(*query);
    return out;
}

void read_track_settings(const section& map, model::track& into) {
    if (const auto tls = map.find("tls")) into.tls = read_upstream_tls(*tls);
    if (const auto weight = map.find("weight")) {
        if (into.name == "stable")
            weight->complain("stable has no weight: it takes what the other tracks leave", "remove it");
        else
            into.weight = read_percent(*weight, "a weight");
    }
    read_track_headers(map, into);
}

model::track read_track(const std::string& name, const value& from) {
    model::track out;
    out.name = name;
    out.at = from.at();
    const section map(from);
    if (const auto endpoints = map.require("endpoints", "e.g. endpoints: [\"10.0.0.1:8080\"]"))
        out.endpoints = read_endpoints(*endpoints);
    read_track_settings(map, out);
    return out;
}

std::vector<model::track> read_tracks(const value& from) {
    std::vector<model::track> out;
    for (const auto& [name, what] : from.members()) out.push_back(read_track(name, what));
    std::stable_partition(out.begin(), out.end(), [](const auto& one) { return one.name == "stable"; });
    return out;
}

// Adit's own cookies are issued by Adit; other names belong to the application.
bool is_own_cookie(std::string_view name) {
    return name == "adit" || name.starts_with("adit-");
}

std::optional<model::cohort> read_cohort(const value& from) {
    const section map(from);
    const auto key = map.one_of({"cookie", "header", "address"});
    if (!key) return std::nullopt;
    model::cohort out;
    if (key->key().ends_with(".address")) {
        out.by = model::cohort::key::address;
        key->only_true();
    } else {
        out.by = key->key().ends_with(".cookie") ? model::cohort::key::cookie : model::cohort::key::header;
        if (auto got = key->text()) out.name = std::move(*got);
    }
    out.issue = out.by == model::cohort::key::cookie && is_own_cookie(out.name);
    map.read("salt", out.salt, &value::text);
    map.read("issue", out.issue, &value::flag);
    map.read("signed", out.signed_only, &value::flag);
    return out;
}

void refuse_keys(const section& map, std::initializer_list<std::string_view> names, const char* why) {
    for (const auto name : names)
        if (const auto found = map.find(name)) found->complain(why, "remove it");
}

void read_respond(const value& from, model::route& into) {
    const section map(from);
    map.read("server_timing", into.tell_server_timing, &value::flag);
    map.read("header", into.tell_header, &value::text);
}

void read_route_settings(const section& map, model::route& into) {
    read_policies(map, into.policies);
    if (const auto force = map.find("force"))
        for (const auto& one : force->items())
            if (auto got = read_force(one)) into.force.push_back(std::move(*got));
    if (const auto cohort = map.find("cohort")) into.cohort = read_cohort(*cohort);
    if (const auto colour = map.find("colour")) into.incoming_colour = read_colour(*colour);
    map.read("send_colour", into.send_colour, &value::flag);
    if (const auto fallback = map.find("fallback"))
        if (const auto got = fallback->text()) {
            into.fallback_any = *got == "any";
            if (*got != "any" && *got != "none")
                fallback->complain("`" + *got + "` is no fallback", "any or none");
        }
    if (const auto balance = map.find("balance")) into.balance = read_balance(*balance);
    if (const auto health = map.find("health")) into.health = read_health(*health);
    if (const auto respond = map.find("respond")) read_respond(*respond, into);
    if (const auto https = map.find("https")) into.https = read_https(*https);
    if (const auto upgrades = map.find("upgrades")) {
        into.upgrades.clear();
        for (const auto& one : upgrades->texts()) into.upgrades.push_back(to_lower(one));
    }
    if (const auto compress = map.find("compress")) into.compress = read_compression(*compress);
    if (const auto found = map.find("timeouts")) into.timeouts = read_route_timeouts(*found);
    if (const auto found = map.find("retry")) into.retry = read_retry(*found);
    if (const auto found = map.find("trailers")) into.trailers = read_trailers(*found);
    if (const auto body = map.find("body")) read_body(*body, into);
    if (const auto auth = map.find("external_auth")) into.external_auth = read_external_auth(*auth);
    if (const auto pages = map.find("error_pages")) into.error_pages = read_error_pages(*pages);
    if (const auto spare = map.find("default_backend")) into.default_backend = read_endpoints(*spare);
}

} // namespace

model::colour read_colour(const value& from) {
    model::colour out;
    const section map(from);
    if (const auto accept = map.find("accept"))
        for (const auto& one : accept->items()) {
            const auto name = one.text();
            if (!name) continue;
            if (iequals(*name, "X-Canary"))
                out.accept_canary_flag = true;
            else if (iequals(*name, "X-Version-Route"))
                out.accept_version_route = true;
            else
                one.complain("`" + *name + "` is not a colour header", "X-Canary or X-Version-Route");
        }
    if (const auto believed = map.find("from")) out.from = believed->prefixes();
    return out;
}

std::optional<model::force_rule> read_force(const value& from, std::string_view track) {
    using subject = model::force_rule::subject;
    const section map(from);
    if (!map.is_map()) return std::nullopt;
    model::force_rule out;
    out.at = from.at();
    out.track = track;
    if (!track.empty())
        refuse_keys(map, {"track"}, "the rule is of the canary that it stands at");
    else if (const auto name = map.require("track", "the name of a track of this route"))
        if (auto got = name->text()) out.track = std::move(*got);
    const auto what = map.one_of({"header", "cookie", "query", "source"});
    if (!what) return std::nullopt;
    if (what->key().ends_with(".source")) {
        out.what = subject::source;
        out.source = what->prefixes(true);
        return out;
    }
    out.what = what->key().ends_with(".header")   ? subject::header
               : what->key().ends_with(".cookie") ? subject::cookie
                                                  : subject::query;
    auto got = read_value_match(*what);
    if (!got) return std::nullopt;
    out.value = std::move(*got);
    return out;
}

void read_route_part(const value& from, model::route& into) {
    const section map(from);
    refuse_keys(map, {"name", "match", "tracks"}, "the Ingress says this");
    // Whoever may write an Ingress may not name files of the gateway, nor make it call whom they like.
    refuse_keys(
        map, {"basic_auth", "external_auth", "error_pages", "default_backend"},
        "an Ingress says this by annotations of ingress-nginx, with its own Secrets and Services"
    );
    read_route_settings(map, into);
}

void read_track_part(const value& from, model::track& into) {
    const section map(from);
    refuse_keys(map, {"endpoints"}, "the Ingress says this");
    refuse_keys(map, {"tls"}, "an Ingress says this by annotations of ingress-nginx (proxy-ssl-secret)");
    read_track_settings(map, into);
}

model::route read_route(const value& from) {
    model::route out;
    out.at = from.at();
    const section map(from);
    if (const auto name = map.require("name", "e.g. name: shop"))
        if (auto got = name->text()) out.name = std::move(*got);
    if (const auto match = map.find("match")) out.match = read_match(*match);
    read_route_settings(map, out);
    // Who is always sent elsewhere needs nobody to answer here.
    if (out.policies.redirect && out.policies.redirect->path.empty() && !map.find("tracks"))
        out.tracks = {{.name = "stable", .endpoints = {}, .weight = {}, .at = out.at}};
    else if (const auto tracks = map.require("tracks", "e.g. tracks: {stable: {endpoints: [\"10.0.0.1:8080\"]}}"))
        out.tracks = read_tracks(*tracks);
    return out;
}

} // namespace adit::source
