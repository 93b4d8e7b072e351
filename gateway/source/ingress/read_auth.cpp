// Passwords, and services that are asked. What cannot be honoured is refused, for a path must not open
// because a guard could not be read.
#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "model/service_url.hpp"
#include "source/ingress/certificates.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

using model::auth_key_part;

std::string read_users(const reading& in, const cluster::secret& from) {
    const auto kind = in.from.text("auth-secret-type").value_or("auth-file");
    if (kind == "auth-file") {
        const auto at = from.data.find("auth");
        if (at != from.data.end()) return at->second;
        in.from.refuse("auth-secret", "the Secret " + from.meta.key() + " has no key `auth`");
        return {};
    }
    if (kind != "auth-map") {
        in.from.refuse("auth-secret-type", '`' + kind + "` is not known", "auth-file or auth-map");
        return {};
    }
    std::string out;
    for (const auto& [name, password] : from.data) out += name + ':' + password + '\n';
    return out;
}

void read_basic(const reading& in) {
    const auto kind = in.from.text("auth-type").value_or("");
    if (kind.empty()) return;
    if (kind != "basic")
        return in.from.refuse("auth-type", '`' + kind + "` is not spoken by Adit", "basic, or auth-url");
    if (!in.from.has("auth-secret"))
        return in.from.refuse("auth-secret", "no Secret with the passwords is named");
    const auto key = other_object(in, "auth-secret");
    if (key.empty()) return;
    const auto* secret = in.objects.find<cluster::secret>(key);
    if (!secret && in.by.secrets_unseen) return;
    if (!secret) return in.from.refuse("auth-secret", "there is no Secret " + key);
    auto& out = in.into.common.policies.basic_auth.emplace();
    out.users = read_users(in, *secret);
    if (out.users.empty()) out.users = "\n";
    out.realm = in.from.text("auth-realm").value_or("Authentication Required");
    std::erase_if(out.realm, [](char c) { return c == '"' || c == '\\'; });
    out.forward = false;
}

// nginx's variables as parts of a key; nullopt where one is none that Adit knows.
std::optional<std::vector<auth_key_part>> parse_cache_key(std::string_view text) {
    using kind = auth_key_part::kind;
    std::vector<auth_key_part> out;
    for (std::size_t at = 0; (at = text.find('$', at)) != std::string_view::npos;) {
        ++at;
        const bool braced = text.substr(at).starts_with('{');
        if (braced) ++at;
        auto end =
            text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", at);
        if (end == std::string_view::npos) end = text.size();
        auto name = text.substr(at, end - at);
        at = end;
        if (name.starts_with("cookie_")) {
            out.push_back({kind::cookie, std::string(name.substr(7))});
        } else if (name == "http_host" || name == "host") {
            out.push_back({kind::host, {}});
        } else if (name.starts_with("http_")) {
            std::string field(name.substr(5));
            std::replace(field.begin(), field.end(), '_', '-');
            out.push_back({kind::header, std::move(field)});
        } else if (name == "remote_user") {
            out.push_back({kind::header, "Authorization"});
        } else if (name == "remote_addr") {
            out.push_back({kind::address, {}});
        } else if (name == "request_method") {
            out.push_back({kind::method, {}});
        } else if (name == "uri") {
            out.push_back({kind::path, {}});
        } else {
            return std::nullopt;
        }
    }
    if (out.empty()) return std::nullopt;
    return out;
}

// "200 202 401 5m": the longest time that is named.
std::chrono::milliseconds parse_cache_time(std::string_view text) {
    std::chrono::milliseconds out{0};
    while (!text.empty()) {
        const auto end = text.find_first_of(" ,");
        const auto word = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (word.empty() || (word.back() >= '0' && word.back() <= '9')) continue;
        const auto number = parse_decimal(word.substr(0, word.size() - 1));
        if (!number || *number > 1'000'000) continue;
        const std::chrono::seconds count(*number);
        const auto times = word.back() == 's'   ? 1
                           : word.back() == 'm' ? 60
                           : word.back() == 'h' ? 3600
                                                : 86'400;
        out = std::max(out, std::chrono::milliseconds(count * times));
    }
    return out;
}

void read_cache(const reading& in, model::external_auth& out) {
    const auto key = in.from.text("auth-cache-key").value_or("");
    if (key.empty()) return;
    auto parts = parse_cache_key(key);
    if (!parts)
        return in.from.warn("auth-cache-key", "answers are not kept, for not every variable of it is known");
    out.cache_key = std::move(*parts);
    out.cache_ttl = parse_cache_time(in.from.text("auth-cache-duration").value_or("200 202 401 5m"));
    if (out.cache_ttl.count() == 0) out.cache_key.clear();
}

// nginx's own variables in it are what Adit says by itself.
std::string read_signin(const reading& in) {
    auto out = in.from.text("auth-signin").value_or(in.base.auth_signin);
    constexpr std::string_view usual[] = {
        "?rd=$escaped_request_uri",
        "?rd=$request_uri",
        "?rd=$scheme://$host$request_uri",
        "?rd=https://$host$request_uri",
        "?rd=https://$host$escaped_request_uri",
        "?rd=$scheme://$best_http_host$request_uri"};
    for (const auto tail : usual)
        if (out.ends_with(tail)) out.resize(out.size() - tail.size());
    constexpr std::string_view host = "$host";
    if (out.find('$') != std::string::npos)
        in.from.refuse(
            "auth-signin", "variables in the middle of it are not supported",
            "leave " + std::string(host) + " out: the parameter rd is added by itself"
        );
    return out;
}

void read_service(const reading& in) {
    const bool global = in.from.flag("enable-global-auth").value_or(true);
    const auto own = in.from.text("auth-url");
    const auto url = own ? *own : global ? in.base.auth_url : std::string{};
    if (url.empty()) return;
    model::fault why;
    auto service = model::parse_service_url(url, &why);
    if (!service || url.find('$') != std::string::npos)
        return in.from.refuse(
            "auth-url", '`' + url + "`: " + (service ? "variables are not supported" : why.message), why.hint
        );
    auto& out = in.into.common.external_auth.emplace();
    out.endpoints = {std::move(service->endpoint)};
    out.host = std::move(service->host);
    out.target = std::move(service->target);
    out.method =
        in.from.text("auth-method").value_or(in.base.auth_method.empty() ? "GET" : in.base.auth_method);
    out.response_headers = in.from.list("auth-response-headers");
    if (out.response_headers.empty()) out.response_headers = in.base.auth_response_headers;
    out.request_redirect = in.from.text("auth-request-redirect").value_or(in.base.auth_redirect);
    out.signin = read_signin(in);
    out.signin_param = in.from.text("auth-signin-redirect-param")
                           .value_or(in.base.auth_signin_param.empty() ? "rd" : in.base.auth_signin_param);
    out.always_set_cookie = in.from.flag("auth-always-set-cookie").value_or(false);
    out.status_on_error = 500; // as nginx's auth_request has it
    read_cache(in, out);
}

} // namespace

void read_auth(const reading& in) {
    read_basic(in);
    read_service(in);
    if (in.from.text("satisfy").value_or("all") != "all")
        in.from.refuse("satisfy", "Adit asks that all guards let a request pass", "all");
}

void read_clients(const reading& in) {
    if (!in.from.has("auth-tls-secret")) return;
    if (in.from.has("auth-tls-match-cn"))
        return in.from.refuse("auth-tls-match-cn", "names of client certificates are not matched by Adit");
    using demand = model::client_certificates::demand;
    model::client_certificates out;
    const auto verify = in.from.text("auth-tls-verify-client").value_or("on");
    if (verify == "off") return;
    if (verify == "optional")
        out.verify = demand::optional;
    else if (verify == "optional_no_ca")
        out.verify = demand::unverified;
    else if (verify != "on")
        in.from.warn("auth-tls-verify-client", '`' + verify + "` is not known, so it is on");
    const auto key = other_object(in, "auth-tls-secret");
    if (key.empty()) return;
    const auto* secret = in.objects.find<cluster::secret>(key);
    if (!secret && in.by.secrets_unseen) return;
    const auto at = secret ? secret->data.find("ca.crt") : decltype(secret->data.end()){};
    if (!secret || at == secret->data.end())
        return in.from.refuse(
            "auth-tls-secret",
            secret ? "the Secret " + key + " has no key `ca.crt`" : "there is no Secret " + key
        );
    if (const auto wrong = fault_of_authorities(at->second); !wrong.empty())
        return in.from.refuse("auth-tls-secret", "the Secret " + key + ": " + wrong);
    out.ca.text = at->second;
    out.depth = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(in.from.number("auth-tls-verify-depth").value_or(1), 0, 100)
    );
    if (in.from.flag("auth-tls-pass-certificate-to-upstream").value_or(false))
        out.certificate_field = "ssl-client-cert";
    out.at = in.from.object().meta.at;
    in.into.clients = std::move(out);
}

} // namespace adit::source::ingress
