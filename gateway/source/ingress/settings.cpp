#include "source/ingress/settings.hpp"
#include "core/bytes.hpp"
#include "model/service_url.hpp"
#include "source/ingress/annotations.hpp"
#include "source/ingress/certificates.hpp"
#include "source/ingress/known_keys.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class reader {
public:
    reader(const cluster::config_map& of, complaints& out) : of_(of), out_(out) {}

    std::optional<std::string> text(std::string_view name) const {
        const auto at = of_.data.find(name);
        if (at == of_.data.end() || at->second.empty()) return std::nullopt;
        return std::string(trim_ows(at->second));
    }
    void warn(std::string_view name, std::string message, std::string hint = {}) const {
        out_.push_back(
            {complaint::severity::warning, of_.meta.at,
             "ConfigMap " + of_.meta.key() + ": " + std::string(name), std::move(message), std::move(hint)}
        );
    }
    void wrong(std::string_view name, std::string_view noun) const {
        warn(name, '`' + *text(name) + "` is no " + std::string(noun) + ", and ignored");
    }

    void flag(std::string_view name, bool& into) const {
        const auto written = text(name);
        if (!written) return;
        if (const auto got = go_bool(*written))
            into = *got;
        else
            wrong(name, "true or false");
    }
    std::optional<std::int64_t> number(std::string_view name, std::int64_t low, std::int64_t high) const {
        const auto written = text(name);
        if (!written) return std::nullopt;
        const auto got = go_atoi(*written);
        if (!got || *got < low || *got > high) return wrong(name, "number here"), std::nullopt;
        return *got;
    }
    template <class Duration>
    void time(std::string_view name, Duration& into, std::int64_t low = 1) const {
        if (const auto got = number(name, low, 24 * 3600)) into = seconds(*got);
    }
    void cidrs(std::string_view name, std::vector<ip_prefix>& into) const {
        const auto written = text(name);
        if (!written) return;
        if (auto got = parse_cidrs(*written))
            into = std::move(*got);
        else
            wrong(name, "list of addresses");
    }
    std::vector<std::string> list(std::string_view name) const {
        std::vector<std::string> out;
        const auto written = text(name);
        std::string_view rest = written ? std::string_view(*written) : std::string_view{};
        while (const auto item = next_element(rest))
            if (!item->empty()) out.emplace_back(*item);
        return out;
    }
    const cluster::config_map& of() const { return of_; }

private:
    const cluster::config_map& of_;
    complaints& out_;
};

void read_clients(const reader& from, model::gateway& into) {
    bool forwarded = false, proxy_lines = false, real_ip = false;
    from.flag("use-forwarded-headers", forwarded);
    from.flag("use-proxy-protocol", proxy_lines);
    from.flag("enable-real-ip", real_ip);
    std::vector<ip_prefix> proxies{*parse_prefix("0.0.0.0/0"), *parse_prefix("::/0")};
    from.cidrs("proxy-real-ip-cidr", proxies);
    if (forwarded || real_ip) into.trusted = proxies;
    if (proxy_lines)
        for (auto& one : into.listeners) one.balancers = proxies;
    from.flag("enable-underscores-in-headers", into.underscore_fields);
    from.time("keep-alive", into.timeouts.idle);
    from.time("client-header-timeout", into.timeouts.head);
    from.time("client-body-timeout", into.timeouts.body);
    from.time("upstream-keepalive-timeout", into.timeouts.upstream_idle);
    if (const auto text = from.text("worker-shutdown-timeout")) {
        const auto number =
            text->ends_with('s') ? parse_decimal(text->substr(0, text->size() - 1)) : std::nullopt;
        if (number && *number > 0 && *number <= 24 * 3600)
            into.drain.max = seconds(*number);
        else
            from.wrong("worker-shutdown-timeout", "time in seconds, as in 240s");
    }
}

void read_tls(const reader& from, settings& out, model::gateway& into) {
    if (const auto protocols = from.text("ssl-protocols")) {
        const bool old = protocols->find("TLSv1.2") != std::string::npos;
        const bool fresh = protocols->find("TLSv1.3") != std::string::npos;
        if (old || fresh) {
            into.tls.min_version = old ? model::tls_version::tls12 : model::tls_version::tls13;
            into.tls.max_version = fresh ? model::tls_version::tls13 : model::tls_version::tls12;
        } else {
            from.wrong("ssl-protocols", "protocol that Adit speaks (TLSv1.2 TLSv1.3)");
        }
    }
    into.tls.ciphers = from.text("ssl-ciphers").value_or("");
    if (!into.tls.ciphers.empty() && !fault_of_ciphers(into.tls.ciphers).empty()) {
        from.wrong("ssl-ciphers", "list of ciphers");
        into.tls.ciphers.clear();
    }
    from.flag("ssl-redirect", out.ssl_redirect);
    from.flag("force-ssl-redirect", out.force_ssl_redirect);
    if (const auto code = from.number("http-redirect-code", 301, 308)) {
        if (*code == 301 || *code == 302 || *code == 307 || *code == 308)
            out.redirect_code = static_cast<std::uint16_t>(*code);
        else
            from.wrong("http-redirect-code", "redirect (301, 302, 307 or 308)");
    }
    bool hsts = true;
    from.flag("hsts", hsts);
    if (!hsts) out.hsts.reset();
    if (!out.hsts) return;
    if (const auto age = from.number("hsts-max-age", 0, INT32_MAX)) out.hsts->max_age = seconds(*age);
    from.flag("hsts-include-subdomains", out.hsts->include_subdomains);
    from.flag("hsts-preload", out.hsts->preload);
}

void read_upstreams(const reader& from, settings& out) {
    if (const auto text = from.text("proxy-body-size")) {
        if (const auto size = parse_nginx_size(*text))
            out.body_size = *size;
        else
            from.wrong("proxy-body-size", "size");
    }
    from.time("proxy-connect-timeout", out.connect_timeout);
    from.time("proxy-send-timeout", out.send_timeout);
    from.time("proxy-read-timeout", out.read_timeout);
    out.next_upstream = from.text("proxy-next-upstream").value_or(out.next_upstream);
    if (const auto tries = from.number("proxy-next-upstream-tries", 0, 1000))
        out.next_tries = static_cast<std::uint32_t>(*tries);
    from.time("proxy-next-upstream-timeout", out.next_timeout, 0);
    from.flag("retry-non-idempotent", out.retry_non_idempotent);
    out.peak_ewma = from.text("load-balance").value_or("") == "ewma";
}

void read_guards(const reader& from, settings& out) {
    from.cidrs("whitelist-source-range", out.allow);
    from.cidrs("denylist-source-range", out.deny);
    if (const auto text = from.text("custom-http-errors")) {
        if (auto all = parse_statuses(*text))
            out.custom_errors = std::move(*all);
        else
            from.wrong("custom-http-errors", "list of statuses");
    }
    from.flag("allow-cross-namespace-resources", out.cross_namespace);
    for (const auto& one : from.list("global-allowed-response-headers"))
        out.allowed_headers.push_back(to_lower(one));
    out.auth_url = from.text("global-auth-url").value_or("");
    out.auth_method = from.text("global-auth-method").value_or("");
    out.auth_signin = from.text("global-auth-signin").value_or("");
    out.auth_signin_param = from.text("global-auth-signin-redirect-param").value_or("");
    out.auth_redirect = from.text("global-auth-request-redirect").value_or("");
    out.auth_response_headers = from.list("global-auth-response-headers");
}

void read_headers(const reader& from, const cluster::view& objects, settings& out) {
    const auto read = [&](std::string_view key, std::vector<model::header_value>& into) {
        const auto name = from.text(key);
        if (!name) return;
        const auto* map = objects.find<cluster::config_map>(*name);
        if (!map) return from.warn(key, "there is no ConfigMap " + *name);
        for (const auto& [field, value] : map->data) into.push_back({field, value});
    };
    read("proxy-set-headers", out.request_headers.set);
    read("add-headers", out.response_headers.set);
    for (auto& one : from.list("hide-headers")) out.response_headers.remove.push_back(std::move(one));
}

} // namespace

settings read_settings(const cluster::view& from, const options& by, model::gateway& into, complaints& out) {
    settings made;
    if (const auto* map = from.find<cluster::config_map>(by.config_map); map && !by.config_map.empty()) {
        const reader keys(*map, out);
        read_clients(keys, into);
        read_tls(keys, made, into);
        read_upstreams(keys, made);
        read_guards(keys, made);
        read_headers(keys, from, made);
        for (const auto& [name, value] : map->data)
            if (const auto wrong = complaint_of_key(name)) keys.warn(name, *wrong);
    } else if (!by.config_map.empty()) {
        out.push_back(
            {complaint::severity::warning,
             {},
             "--configmap",
             "there is no ConfigMap " + by.config_map,
             "everything in it has its default"}
        );
    }
    into.limits.body = made.body_size;
    return made;
}

std::optional<std::uint64_t> parse_nginx_size(std::string_view text) noexcept {
    std::uint64_t unit = 1;
    if (!text.empty()) {
        const char last = lower(text.back());
        unit = last == 'k' ? 1024 : last == 'm' ? 1024 * 1024 : last == 'g' ? 1024 * 1024 * 1024 : 1;
        if (unit != 1) text.remove_suffix(1);
    }
    const auto number = parse_decimal(text);
    if (!number || *number > (std::uint64_t{1} << 50) / unit) return std::nullopt;
    return *number * unit;
}

std::optional<std::vector<ip_prefix>> parse_cidrs(std::string_view text) {
    std::vector<ip_prefix> out;
    while (const auto item = next_element(text)) {
        if (item->empty()) continue;
        const auto one = parse_prefix(*item);
        if (!one) return std::nullopt;
        out.push_back(*one);
    }
    return out;
}

std::optional<std::vector<std::uint16_t>> parse_statuses(std::string_view text) {
    std::vector<std::uint16_t> out;
    while (const auto item = next_element(text)) {
        if (item->empty()) continue;
        const auto one = parse_decimal(*item);
        if (!one || *one < 400 || *one > 599) return std::nullopt;
        out.push_back(static_cast<std::uint16_t>(*one));
    }
    return out;
}

} // namespace adit::source::ingress
