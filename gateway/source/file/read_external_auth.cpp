#include "model/address.hpp"
#include "model/service_url.hpp"
#include "source/file/read_bodies.hpp"
#include "source/file/read_endpoints.hpp"

namespace adit::source {

namespace {

using model::auth_key_part;

void read_url(const value& from, model::external_auth& into) {
    const auto text = from.text();
    if (!text) return;
    model::fault why;
    auto got = model::parse_service_url(*text, &why);
    if (!got) return from.complain(std::move(why.message), std::move(why.hint));
    into.endpoints = {std::move(got->endpoint)};
    into.host = std::move(got->host);
    into.target = std::move(got->target);
}

std::optional<auth_key_part> read_key_part(const value& from) {
    const section map(from);
    const auto what = map.one_of({"header", "cookie", "request"});
    const auto text = what ? what->text() : std::nullopt;
    if (!text) return std::nullopt;
    if (what->key().ends_with(".header")) return auth_key_part{auth_key_part::kind::header, *text};
    if (what->key().ends_with(".cookie")) return auth_key_part{auth_key_part::kind::cookie, *text};
    using kind = auth_key_part::kind;
    for (const auto& [word, which] :
         {std::pair{"method", kind::method}, std::pair{"host", kind::host}, std::pair{"path", kind::path},
          std::pair{"address", kind::address}})
        if (*text == word) return auth_key_part{which, {}};
    what->complain("`" + *text + "` is not a part of a request", "method, host, path or address");
    return std::nullopt;
}

void read_cache(const value& from, model::external_auth& into) {
    const section map(from);
    if (const auto key = map.require("key", "e.g. key: [{header: Authorization}]")) {
        for (const auto& one : key->items())
            if (auto got = read_key_part(one)) into.cache_key.push_back(std::move(*got));
        if (key->kind() == node::kind::list && key->items().empty())
            key->complain(
                "a key without parts would give one answer to everybody", "e.g. [{cookie: session}]"
            );
    }
    if (const auto ttl = map.require("ttl", "e.g. ttl: 5m"))
        if (const auto got = ttl->duration()) into.cache_ttl = *got;
}

void read_on_error(const value& from, model::external_auth& into) {
    const auto text = from.text();
    if (!text) return;
    into.allow_on_error = *text == "allow";
    if (*text != "allow" && *text != "deny") from.complain("`" + *text + "` is neither", "deny or allow");
}

} // namespace

model::external_auth read_external_auth(const value& from) {
    model::external_auth out;
    const section map(from);
    const auto where = map.one_of({"url", "endpoints"});
    const bool by_url = where && where->key().ends_with(".url");
    if (by_url)
        read_url(*where, out);
    else if (where)
        out.endpoints = read_endpoints(*where);
    if (const auto path = map.find("path")) {
        if (by_url)
            path->complain("the path stands in the URL already", "remove it, or write endpoints");
        else if (auto got = path->text())
            out.target = std::move(*got);
    }
    map.read("host", out.host, &value::text);
    map.read("method", out.method, &value::text);
    if (const auto names = map.find("request_headers")) out.request_headers = names->texts();
    if (const auto names = map.find("response_headers")) out.response_headers = names->texts();
    map.read("signin", out.signin, &value::text);
    map.read("signin_param", out.signin_param, &value::text);
    map.read("request_redirect", out.request_redirect, &value::text);
    if (const auto cache = map.find("cache")) read_cache(*cache, out);
    map.read("timeout", out.timeout, &value::duration);
    if (const auto found = map.find("on_error")) read_on_error(*found, out);
    if (const auto found = map.find("status_on_error"))
        if (const auto got = found->number())
            out.status_on_error = static_cast<std::uint16_t>(std::min(*got, 999U));
    map.read("always_set_cookie", out.always_set_cookie, &value::flag);
    return out;
}

} // namespace adit::source
