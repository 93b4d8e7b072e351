#include "source/ingress/migration_words.hpp"

#include "core/bytes.hpp"
#include "model/suggest.hpp"
#include "source/ingress/annotations.hpp"
#include "source/ingress/known_keys.hpp"
#include "source/ingress/snippet.hpp"

#include <algorithm>
#include <array>

namespace adit::source::ingress {

namespace {

struct pair {
    std::string_view name, text;
};

// What is so anyway: the default of ingress-nginx, which is what Adit does.
constexpr std::array usual{
    pair{"backend-protocol", "http"},
    pair{"compute-full-forwarded-for", "false"},
    pair{"default-type", "text/html"},
    pair{"disable-access-log", "false"},
    pair{"disable-proxy-intercept-errors", "false"},
    pair{"enable-access-log", "true"},
    pair{"enable-access-log-for-default-backend", "false"},
    pair{"enable-brotli", "false"},
    pair{"enable-modsecurity", "false"},
    pair{"enable-ocsp", "false"},
    pair{"enable-opentelemetry", "false"},
    pair{"enable-owasp-core-rules", "false"},
    pair{"enable-owasp-modsecurity-crs", "false"},
    pair{"force-ssl-redirect", "false"},
    pair{"forwarded-for-header", "x-forwarded-for"},
    pair{"limit-connections", "0"},
    pair{"limit-rate", "0"},
    pair{"limit-rate-after", "0"},
    pair{"limit-rpm", "0"},
    pair{"limit-rps", "0"},
    pair{"log-format-escape-json", "false"},
    pair{"log-format-escape-none", "false"},
    pair{"mirror-target", ""},
    pair{"no-auth-locations", "/.well-known/acme-challenge"},
    pair{"no-tls-redirect-locations", "/.well-known/acme-challenge"},
    pair{"proxy-add-original-uri-header", "false"},
    pair{"proxy-cookie-domain", "off"},
    pair{"proxy-cookie-path", "off"},
    pair{"proxy-http-version", "1.1"},
    pair{"proxy-redirect-from", "off"},
    pair{"proxy-redirect-to", "off"},
    pair{"relative-redirects", "false"},
    pair{"satisfy", "all"},
    pair{"ssl-early-data", "false"},
    pair{"ssl-passthrough", "false"},
    pair{"ssl-reject-handshake", "false"},
    pair{"ssl-session-tickets", "false"},
    pair{"upstream-hash-by-subset", "false"},
    pair{"use-geoip2", "false"},
    pair{"use-gzip", "false"},
    pair{"use-port-in-redirects", "false"},
};

// Values of which the stated difference is not true.
constexpr std::array alike{
    pair{"cors-allow-credentials", "false"},
    pair{"proxy-request-buffering", "off"},
    pair{"ssl-redirect", "false"},
};

// They mean nothing unless the other one is written, and asks for something.
constexpr std::array leaning{
    pair{"brotli-level", "enable-brotli"},
    pair{"brotli-min-length", "enable-brotli"},
    pair{"brotli-types", "enable-brotli"},
    pair{"gzip-level", "use-gzip"},
    pair{"gzip-min-length", "use-gzip"},
    pair{"gzip-types", "use-gzip"},
    pair{"mirror-host", "mirror-target"},
    pair{"mirror-request-body", "mirror-target"},
    pair{"modsecurity-snippet", "enable-modsecurity"},
    pair{"modsecurity-transaction-id", "enable-modsecurity"},
    pair{"opentelemetry-operation-name", "enable-opentelemetry"},
    pair{"opentelemetry-trust-incoming-span", "enable-opentelemetry"},
    pair{"otlp-collector-host", "enable-opentelemetry"},
    pair{"otlp-collector-port", "enable-opentelemetry"},
    pair{"upstream-hash-by-subset", "upstream-hash-by"},
    pair{"upstream-hash-by-subset-size", "upstream-hash-by-subset"},
};

// Not honoured, and ingress-nginx does nothing with them either, or nothing that anybody would miss.
constexpr std::array<std::string_view, 9> harmless{
    "client-header-buffer-size", "connection-proxy-header", "enable-rewrite-log",
    "enable-websockets",         "http2-push-preload",      "secure-backends",
    "session-cookie-hash",       "use-forwarded-headers",   "session-cookie-conditional-samesite-none"};

// Where the tables say nothing of what may do instead.
constexpr std::array alternatives{
    pair{"access-log-path", "`adit serve --access-log FILE`"},
    pair{"block-cidrs", "`denylist-source-range`"},
    pair{"disable-access-log", "leave out `--access-log`"},
    pair{"enable-access-log", "access logs are for all routes or none: `adit serve --access-log FILE`"},
    pair{"enable-modsecurity", "a web application firewall behind or before Adit"},
    pair{"http-access-log-path", "`adit serve --access-log FILE`"},
    pair{"limit-conn-status-code", "clients that look at the status should take 429"},
    pair{"limit-req-status-code", "clients that look at the status should take 429"},
    pair{"proxy-cookie-domain", "let the service say the domain that browsers see"},
    pair{"proxy-cookie-path", "let the service say the path that browsers see"},
    pair{"proxy-redirect-from", "let the service send the Location that browsers see"},
    pair{"proxy-redirect-to", "let the service send the Location that browsers see"},
    pair{"ssl-passthrough", "a Service of type LoadBalancer of its own"},
    pair{"upstream-hash-by-subset", "`upstream-hash-by` alone"},
};

constexpr std::array limits{
    std::pair{std::string_view("auth-cache-key"), verdict::differs},
    std::pair{std::string_view("auth-signin"), verdict::unsupported},
    std::pair{std::string_view("auth-type"), verdict::unsupported},
    std::pair{std::string_view("auth-url"), verdict::unsupported},
    std::pair{std::string_view("backend-protocol"), verdict::unsupported},
    std::pair{std::string_view("satisfy"), verdict::unsupported},
    std::pair{std::string_view("server-alias"), verdict::unsupported},
    std::pair{std::string_view("upstream-hash-by"), verdict::unsupported},
    std::pair{std::string_view("upstream-vhost"), verdict::unsupported},
};

template <class List>
std::optional<std::string_view> find(const List& among, std::string_view name) {
    for (const auto& one : among)
        if (one.name == name) return one.text;
    return std::nullopt;
}

template <class List>
bool holds(const List& among, std::string_view name, std::string_view value) {
    const auto found = find(among, name);
    return found && iequals(trim_ows(value), *found);
}

// Why nobody misses it; empty where somebody may.
std::string needless_because(std::string_view name, std::string_view value, const other_value& others) {
    if (holds(usual, name, value)) return "it says what is so anyway";
    if (const auto on = find(leaning, name)) {
        const auto other = others(*on);
        if (!other || trim_ows(*other).empty() || holds(usual, *on, *other))
            return "it means nothing without " + std::string(*on);
    }
    return {};
}

bool is_snippet(std::string_view name) {
    return name.ends_with("-snippet") && name != "modsecurity-snippet";
}

migration_finding needless_finding(std::string detail) {
    migration_finding out;
    out.how = verdict::needless;
    out.detail = std::move(detail);
    return out;
}

std::string did_you_mean(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& one : known_annotations()) names.push_back(one.name);
    const auto near = model::nearest(name, names);
    return near ? "; did you mean " + std::string(*near) + '?' : std::string{};
}

migration_finding judge_snippet(std::string_view text) {
    const auto read = parse_snippet(text);
    const auto all = advise(read);
    const bool useless =
        read.whole && std::all_of(all.begin(), all.end(), [](const auto& one) { return one.needless; });
    if (useless) return needless_finding(all.empty() ? "it is empty" : "nothing in it is missed");
    migration_finding out;
    out.how = verdict::unsupported;
    out.detail = "snippets are never executed";
    for (const auto& one : all) {
        auto line = one.what + " → " + (one.needless ? "needless: " : "");
        line += one.instead.empty() ? "nothing does this yet" : one.instead;
        if (std::find(out.instead.begin(), out.instead.end(), line) == out.instead.end())
            out.instead.push_back(std::move(line));
    }
    if (!read.whole) out.instead.emplace_back("the rest cannot be read → nothing does this yet");
    return out;
}

migration_finding unsupported_finding(std::string_view name, std::string_view note) {
    migration_finding out;
    out.how = verdict::unsupported;
    out.detail = note.empty() ? "not supported" : note;
    if (const auto other = find(alternatives, name)) out.instead.emplace_back(*other);
    return out;
}

} // namespace

std::optional<verdict> beyond_limit(std::string_view annotation) {
    const auto* known = find_annotation(annotation);
    if (!known || known->how != support::differs) return std::nullopt;
    for (const auto& [name, how] : limits)
        if (name == annotation) return how;
    return std::nullopt;
}

migration_finding judge_annotation(std::string_view name, std::string_view value, const other_value& others) {
    const auto* known = find_annotation(name);
    if (!known) return needless_finding("ingress-nginx knows no such annotation" + did_you_mean(name));
    migration_finding out;
    out.detail = known->note;
    if (known->how == support::yes) return out;
    if (auto why = needless_because(name, value, others); !why.empty())
        return needless_finding(std::move(why));
    if (known->how == support::no) {
        if (is_snippet(name)) return judge_snippet(value);
        if (std::find(harmless.begin(), harmless.end(), name) == harmless.end())
            return unsupported_finding(name, known->note);
        out.how = verdict::needless;
    } else if (beyond_limit(name) || holds(alike, name, value)) {
        out.detail.clear(); // the translation says when the limit is reached
    } else {
        out.how = verdict::differs;
    }
    return out;
}

migration_finding judge_key(std::string_view name, std::string_view value, const other_value& others) {
    const auto all = known_keys();
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    if (known == all.end()) return needless_finding(complaint_of_key(name).value_or(""));
    if (known->what == known_key::effect::honoured) return {};
    if (known->what == known_key::effect::needless)
        return needless_finding("it tunes nginx, or says what is so anyway");
    if (trim_ows(value).empty()) return needless_finding("it is empty");
    if (auto why = needless_because(name, value, others); !why.empty())
        return needless_finding(std::move(why));
    if (is_snippet(name)) return judge_snippet(value);
    return unsupported_finding(name, {});
}

} // namespace adit::source::ingress
