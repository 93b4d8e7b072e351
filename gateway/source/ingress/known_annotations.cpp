// The annotations of ingress-nginx by name, and what becomes of them.
#include "source/ingress/annotations.hpp"

#include <algorithm>
#include <array>

namespace adit::source::ingress {

namespace {

using enum support;

constexpr std::string_view nginx_only = "it configures nginx itself; Adit needs no such thing";
constexpr std::string_view streams = "Adit streams bodies in bounded memory";
constexpr std::string_view no_snippets =
    "snippets are never executed; most of what they do has an annotation of its own";

// Sorted by name.
constexpr std::array table{
    known_annotation{"affinity", yes, {}},
    known_annotation{"affinity-canary-behavior", yes, {}},
    known_annotation{"affinity-mode", yes, {}},
    known_annotation{"allowlist-source-range", yes, {}},
    known_annotation{"app-root", yes, {}},
    known_annotation{"auth-always-set-cookie", yes, {}},
    known_annotation{"auth-cache-duration", differs, "one time for every status: the longest that is named"},
    known_annotation{
        "auth-cache-key", differs,
        "variables other than those of headers, cookies, host, method, URI and address keep answers from "
        "being cached"},
    known_annotation{"auth-keepalive", yes, "connections to the service are always kept"},
    known_annotation{"auth-keepalive-requests", yes, "connections to the service are always kept"},
    known_annotation{"auth-keepalive-share-vars", yes, {}},
    known_annotation{"auth-keepalive-timeout", yes, "connections to the service are always kept"},
    known_annotation{"auth-method", yes, {}},
    known_annotation{"auth-proxy-set-headers", no, {}},
    known_annotation{"auth-realm", yes, {}},
    known_annotation{"auth-request-redirect", yes, {}},
    known_annotation{"auth-response-headers", yes, {}},
    known_annotation{"auth-secret", yes, {}},
    known_annotation{"auth-secret-type", yes, {}},
    known_annotation{
        "auth-signin", differs, "without variables but for the usual parameter rd, which is added by itself"},
    known_annotation{"auth-signin-redirect-param", yes, {}},
    known_annotation{"auth-snippet", no, no_snippets},
    known_annotation{
        "auth-tls-error-page", no, "clients without a good certificate are refused in the handshake"},
    known_annotation{"auth-tls-match-cn", no, "an Ingress that asks for it is not served"},
    known_annotation{"auth-tls-pass-certificate-to-upstream", yes, {}},
    known_annotation{
        "auth-tls-secret", differs,
        "clients without a good certificate are refused in the handshake, not by 400"},
    known_annotation{"auth-tls-verify-client", yes, {}},
    known_annotation{"auth-tls-verify-depth", yes, {}},
    known_annotation{"auth-type", differs, "basic only; an Ingress that asks for another is not served"},
    known_annotation{
        "auth-url", differs, "http only, without variables; an Ingress that asks for more is not served"},
    known_annotation{
        "backend-protocol", differs, "HTTP and HTTPS only; an Ingress that asks for another is not served"},
    known_annotation{"canary", yes, {}},
    known_annotation{"canary-by-cookie", yes, {}},
    known_annotation{"canary-by-header", yes, {}},
    known_annotation{"canary-by-header-pattern", yes, {}},
    known_annotation{"canary-by-header-value", yes, {}},
    known_annotation{"canary-weight", yes, {}},
    known_annotation{"canary-weight-total", yes, {}},
    known_annotation{"client-body-buffer-size", yes, streams},
    known_annotation{
        "client-header-buffer-size", no, "ingress-nginx knows it only as a key of its ConfigMap"},
    known_annotation{"configuration-snippet", no, no_snippets},
    known_annotation{"connection-proxy-header", no, "Adit decides about Connection by itself"},
    known_annotation{
        "cors-allow-credentials", differs,
        "not said beside the origin *, where browsers give no credentials anyway"},
    known_annotation{"cors-allow-headers", yes, {}},
    known_annotation{"cors-allow-methods", yes, {}},
    known_annotation{"cors-allow-origin", yes, {}},
    known_annotation{"cors-expose-headers", yes, {}},
    known_annotation{"cors-max-age", yes, {}},
    known_annotation{"custom-headers", yes, {}},
    known_annotation{"custom-http-errors", yes, {}},
    known_annotation{"default-backend", yes, {}},
    known_annotation{"denylist-source-range", yes, {}},
    known_annotation{"disable-proxy-intercept-errors", yes, {}},
    known_annotation{"enable-access-log", no, {}},
    known_annotation{"enable-cors", yes, {}},
    known_annotation{"enable-global-auth", yes, {}},
    known_annotation{"enable-modsecurity", no, "put a web application firewall behind or before Adit"},
    known_annotation{"enable-opentelemetry", no, {}},
    known_annotation{"enable-owasp-core-rules", no, "put a web application firewall behind or before Adit"},
    known_annotation{"enable-rewrite-log", no, nginx_only},
    known_annotation{"enable-websockets", no, "ingress-nginx never knew it; WebSockets need no annotation"},
    known_annotation{"fastcgi-index", no, "FastCGI is not spoken"},
    known_annotation{"fastcgi-params-configmap", no, "FastCGI is not spoken"},
    known_annotation{"force-ssl-redirect", differs, "a slash at the end of the path is kept"},
    known_annotation{"from-to-www-redirect", yes, {}},
    known_annotation{"http2-push-preload", no, "no browser takes pushes any more"},
    known_annotation{"limit-allowlist", yes, {}},
    known_annotation{"limit-burst-multiplier", yes, {}},
    known_annotation{
        "limit-connections", differs, "of requests under way, over all workers, and refused with 429"},
    known_annotation{"limit-rate", no, {}},
    known_annotation{"limit-rate-after", no, {}},
    known_annotation{"limit-rpm", differs, "over all workers, and refused with 429"},
    known_annotation{"limit-rps", differs, "over all workers, and refused with 429"},
    known_annotation{"limit-whitelist", yes, {}},
    known_annotation{"load-balance", yes, {}},
    known_annotation{"mirror-host", no, {}},
    known_annotation{"mirror-request-body", no, {}},
    known_annotation{"mirror-target", no, {}},
    known_annotation{"modsecurity-snippet", no, "put a web application firewall behind or before Adit"},
    known_annotation{
        "modsecurity-transaction-id", no, "put a web application firewall behind or before Adit"},
    known_annotation{"opentelemetry-operation-name", no, {}},
    known_annotation{"opentelemetry-trust-incoming-span", no, {}},
    known_annotation{"permanent-redirect", yes, {}},
    known_annotation{"permanent-redirect-code", yes, {}},
    known_annotation{"preserve-trailing-slash", yes, "redirects to https always keep the path as it is"},
    known_annotation{"proxy-body-size", yes, {}},
    known_annotation{"proxy-buffer-size", yes, streams},
    known_annotation{"proxy-buffering", yes, streams},
    known_annotation{"proxy-buffers-number", yes, streams},
    known_annotation{"proxy-busy-buffers-size", yes, streams},
    known_annotation{"proxy-connect-timeout", yes, {}},
    known_annotation{"proxy-cookie-domain", no, {}},
    known_annotation{"proxy-cookie-path", no, {}},
    known_annotation{"proxy-http-version", differs, "always 1.1"},
    known_annotation{"proxy-max-temp-file-size", yes, streams},
    known_annotation{"proxy-next-upstream", yes, {}},
    known_annotation{"proxy-next-upstream-timeout", yes, {}},
    known_annotation{"proxy-next-upstream-tries", yes, {}},
    known_annotation{"proxy-read-timeout", yes, {}},
    known_annotation{"proxy-redirect-from", no, {}},
    known_annotation{"proxy-redirect-to", no, {}},
    known_annotation{"proxy-request-buffering", differs, "request bodies always stream"},
    known_annotation{
        "proxy-send-timeout", differs,
        "an endpoint that takes nothing is waited for as one that says nothing"},
    known_annotation{"proxy-ssl-ciphers", no, {}},
    known_annotation{"proxy-ssl-name", yes, {}},
    known_annotation{"proxy-ssl-protocols", no, {}},
    known_annotation{"proxy-ssl-secret", yes, {}},
    known_annotation{"proxy-ssl-server-name", yes, {}},
    known_annotation{"proxy-ssl-verify", yes, {}},
    known_annotation{"proxy-ssl-verify-depth", no, {}},
    known_annotation{"relative-redirects", no, {}},
    known_annotation{"rewrite-target", yes, {}},
    known_annotation{"satisfy", differs, "all only; an Ingress that asks for any is not served"},
    known_annotation{
        "secure-backends", no, "ingress-nginx dropped it long ago; write backend-protocol: HTTPS"},
    known_annotation{"server-alias", differs, "names only, no regular expressions"},
    known_annotation{"server-snippet", no, no_snippets},
    known_annotation{"service-upstream", yes, {}},
    known_annotation{"session-cookie-change-on-failure", yes, {}},
    known_annotation{
        "session-cookie-conditional-samesite-none", no, "every browser of today knows SameSite=None"},
    known_annotation{"session-cookie-domain", yes, {}},
    known_annotation{"session-cookie-expires", yes, {}},
    known_annotation{"session-cookie-hash", no, "ingress-nginx dropped it long ago"},
    known_annotation{"session-cookie-max-age", yes, {}},
    known_annotation{"session-cookie-name", yes, {}},
    known_annotation{"session-cookie-path", yes, {}},
    known_annotation{"session-cookie-samesite", yes, {}},
    known_annotation{"session-cookie-secure", yes, {}},
    known_annotation{"ssl-ciphers", no, "ciphers are those of the ConfigMap"},
    known_annotation{"ssl-passthrough", no, {}},
    known_annotation{"ssl-prefer-server-ciphers", no, {}},
    known_annotation{"ssl-redirect", differs, "a slash at the end of the path is kept"},
    known_annotation{"stream-snippet", no, no_snippets},
    known_annotation{"temporal-redirect", yes, {}},
    known_annotation{"temporal-redirect-code", yes, {}},
    known_annotation{
        "upstream-hash-by", differs,
        "one of $request_uri, $uri, $remote_addr, $http_NAME and $cookie_NAME alone"},
    known_annotation{"upstream-hash-by-subset", no, {}},
    known_annotation{"upstream-hash-by-subset-size", no, {}},
    known_annotation{"upstream-vhost", differs, "without variables"},
    known_annotation{"use-forwarded-headers", no, "ingress-nginx knows it only as a key of its ConfigMap"},
    known_annotation{"use-port-in-redirects", no, {}},
    known_annotation{"use-regex", yes, {}},
    known_annotation{"whitelist-source-range", yes, {}},
    known_annotation{"x-forwarded-prefix", yes, {}},
};
static_assert(std::is_sorted(table.begin(), table.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
}));

} // namespace

std::span<const known_annotation> known_annotations() noexcept {
    return table;
}

const known_annotation* find_annotation(std::string_view name) noexcept {
    const auto* at = std::lower_bound(table.begin(), table.end(), name, [](const auto& one, auto wanted) {
        return one.name < wanted;
    });
    return at != table.end() && at->name == name ? at : nullptr;
}

} // namespace adit::source::ingress
