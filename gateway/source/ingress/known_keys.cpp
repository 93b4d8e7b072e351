#include "source/ingress/known_keys.hpp"

#include "model/suggest.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace adit::source::ingress {

namespace {

// Sorted. Honoured, as settings.cpp reads them.
constexpr std::array<std::string_view, 42> honoured{
    "add-headers",
    "allow-cross-namespace-resources",
    "client-body-timeout",
    "client-header-timeout",
    "custom-http-errors",
    "denylist-source-range",
    "enable-real-ip",
    "enable-underscores-in-headers",
    "force-ssl-redirect",
    "global-allowed-response-headers",
    "global-auth-method",
    "global-auth-request-redirect",
    "global-auth-response-headers",
    "global-auth-signin",
    "global-auth-signin-redirect-param",
    "global-auth-url",
    "hide-headers",
    "hsts",
    "hsts-include-subdomains",
    "hsts-max-age",
    "hsts-preload",
    "http-redirect-code",
    "keep-alive",
    "load-balance",
    "proxy-body-size",
    "proxy-connect-timeout",
    "proxy-next-upstream",
    "proxy-next-upstream-timeout",
    "proxy-next-upstream-tries",
    "proxy-read-timeout",
    "proxy-real-ip-cidr",
    "proxy-send-timeout",
    "proxy-set-headers",
    "retry-non-idempotent",
    "ssl-ciphers",
    "ssl-protocols",
    "ssl-redirect",
    "upstream-keepalive-timeout",
    "use-forwarded-headers",
    "use-proxy-protocol",
    "whitelist-source-range",
    "worker-shutdown-timeout",
};

// Sorted. They tune nginx, or say what Adit does anyway: nobody misses them.
constexpr std::array<std::string_view, 48> needless{
    "allow-snippet-annotations",
    "annotation-value-word-blocklist",
    "annotations-risk-level",
    "bind-address",
    "client-body-buffer-size",
    "client-header-buffer-size",
    "disable-ipv6",
    "disable-ipv6-dns",
    "enable-multi-accept",
    "generate-request-id",
    "http2-max-concurrent-streams",
    "ignore-invalid-headers",
    "keep-alive-requests",
    "large-client-header-buffers",
    "map-hash-bucket-size",
    "max-worker-connections",
    "max-worker-open-files",
    "nginx-status-ipv4-whitelist",
    "nginx-status-ipv6-whitelist",
    "proxy-buffer-size",
    "proxy-buffering",
    "proxy-buffers-number",
    "proxy-busy-buffers-size",
    "proxy-headers-hash-bucket-size",
    "proxy-headers-hash-max-size",
    "proxy-http-version",
    "proxy-max-temp-file-size",
    "proxy-protocol-header-timeout",
    "proxy-request-buffering",
    "reuse-port",
    "server-name-hash-bucket-size",
    "server-name-hash-max-size",
    "server-tokens",
    "ssl-buffer-size",
    "ssl-dh-param",
    "ssl-ecdh-curve",
    "ssl-session-cache",
    "ssl-session-cache-size",
    "ssl-session-timeout",
    "strict-validate-path-type",
    "upstream-keepalive-connections",
    "upstream-keepalive-requests",
    "upstream-keepalive-time",
    "use-http2",
    "variables-hash-bucket-size",
    "variables-hash-max-size",
    "worker-cpu-affinity",
    "worker-processes",
};

// Known to ingress-nginx, and not honoured.
constexpr std::array<std::string_view, 58> missing{
    "access-log-params",
    "access-log-path",
    "block-cidrs",
    "block-referers",
    "block-user-agents",
    "brotli-level",
    "brotli-min-length",
    "brotli-types",
    "compute-full-forwarded-for",
    "default-type",
    "disable-access-log",
    "disable-proxy-intercept-errors",
    "enable-access-log-for-default-backend",
    "enable-brotli",
    "enable-modsecurity",
    "enable-ocsp",
    "enable-opentelemetry",
    "enable-owasp-modsecurity-crs",
    "error-log-level",
    "error-log-path",
    "forwarded-for-header",
    "gzip-level",
    "gzip-min-length",
    "gzip-types",
    "http-access-log-path",
    "http-snippet",
    "limit-conn-status-code",
    "limit-rate",
    "limit-rate-after",
    "limit-req-status-code",
    "location-snippet",
    "log-format-escape-json",
    "log-format-escape-none",
    "log-format-stream",
    "log-format-upstream",
    "main-snippet",
    "no-auth-locations",
    "no-tls-redirect-locations",
    "otlp-collector-host",
    "otlp-collector-port",
    "proxy-add-original-uri-header",
    "proxy-cookie-domain",
    "proxy-cookie-path",
    "proxy-redirect-from",
    "proxy-redirect-to",
    "proxy-stream-timeout",
    "relative-redirects",
    "server-snippet",
    "skip-access-log-urls",
    "ssl-early-data",
    "ssl-prefer-server-ciphers",
    "ssl-reject-handshake",
    "ssl-session-ticket-key",
    "ssl-session-tickets",
    "stream-snippet",
    "use-geoip2",
    "use-gzip",
    "use-port-in-redirects",
};

template <class List>
bool holds(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

} // namespace

std::vector<known_key> known_keys() {
    std::vector<known_key> out;
    out.reserve(std::size(honoured) + std::size(needless) + std::size(missing));
    for (const auto one : honoured) out.push_back({one, known_key::effect::honoured});
    for (const auto one : needless) out.push_back({one, known_key::effect::needless});
    for (const auto one : missing) out.push_back({one, known_key::effect::missing});
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

std::optional<std::string> complaint_of_key(std::string_view name) {
    if (name.empty() || holds(honoured, name) || holds(needless, name)) return std::nullopt;
    if (holds(missing, name)) return "the key is not supported, and ignored";
    std::vector<std::string_view> known;
    for (const auto& one : known_keys()) known.push_back(one.name);
    const auto near = model::nearest(name, known);
    return "ingress-nginx knows no such key" +
           (near ? "; did you mean " + std::string(*near) + '?' : std::string{});
}

} // namespace adit::source::ingress
