#include "admin/endpoints.hpp"

#include "admin/handlers.hpp"

namespace adit::admin {
namespace {

constexpr bool on_both = true;
constexpr bool on_admin = false;
constexpr bool open_to_all = true;
constexpr bool with_token = false;

constexpr endpoint table[] = {
    {"GET", "/livez", on_both, open_to_all, body_rule::none, &get_livez},
    {"GET", "/readyz", on_both, open_to_all, body_rule::none, &get_readyz},
    {"GET", "/healthz", on_both, open_to_all, body_rule::none, &get_readyz},
    {"GET", "/metrics", on_both, with_token, body_rule::none, &get_metrics},
    {"GET", "/version", on_both, with_token, body_rule::none, &get_version},
    {"GET", "/openapi.json", on_admin, with_token, body_rule::none, &get_openapi},
    {"GET", "/api/v1/routes", on_admin, with_token, body_rule::none, &get_routes},
    {"GET", "/api/v1/routes/{name}", on_admin, with_token, body_rule::none, &get_route},
    {"PUT", "/api/v1/routes/{name}/weights", on_admin, with_token, body_rule::must, &put_weights},
    {"DELETE", "/api/v1/routes/{name}/weights", on_admin, with_token, body_rule::none, &delete_weights},
    {"GET", "/api/v1/ingresses/{namespace}/{name}/weights", on_admin, with_token, body_rule::none,
     &get_ingress_weights},
    {"PUT", "/api/v1/ingresses/{namespace}/{name}/weights", on_admin, with_token, body_rule::must,
     &put_ingress_weights},
    {"DELETE", "/api/v1/ingresses/{namespace}/{name}/weights", on_admin, with_token, body_rule::none,
     &delete_ingress_weights},
    {"POST", "/api/v1/reload", on_admin, with_token, body_rule::none, &post_reload},
    {"POST", "/api/v1/explain", on_admin, with_token, body_rule::must, &post_explain},
    {"GET", "/api/v1/events", on_admin, with_token, body_rule::none, nullptr, stream::events},
    {"GET", "/api/v1/tap", on_admin, with_token, body_rule::none, nullptr, stream::tap},
    {"POST", "/api/v1/kill", on_admin, with_token, body_rule::may, &post_kill},
    {"DELETE", "/api/v1/kill", on_admin, with_token, body_rule::may, &delete_kill},
};

struct names {
    std::string name, name_space;
};

// Whether `path` is what `pattern` describes; fills `into` from {name} and {namespace}.
bool fits(std::string_view pattern, std::string_view path, names& into) {
    for (;;) {
        const auto pattern_end = pattern.find('/', 1);
        const auto path_end = path.find('/', 1);
        const auto wanted = pattern.substr(0, pattern_end);
        const auto given = path.substr(0, path_end);
        if (wanted.starts_with("/{")) {
            auto decoded = percent_decode(given.substr(1));
            if (!decoded || decoded->empty()) return false;
            (wanted == "/{name}" ? into.name : into.name_space) = std::move(*decoded);
        } else if (wanted != given) {
            return false;
        }
        if ((pattern_end == pattern.npos) != (path_end == path.npos)) return false;
        if (pattern_end == pattern.npos) return true;
        pattern.remove_prefix(pattern_end);
        path.remove_prefix(path_end);
    }
}

} // namespace

std::span<const endpoint> endpoints() {
    return table;
}

found find_endpoint(std::string_view method, std::string_view path, role as) {
    found out;
    if (path.empty() || path.front() != '/') return out;
    for (const auto& row : table) {
        if (as == role::status && !row.status) continue;
        names met;
        if (!fits(row.path, path, met)) continue;
        const bool is_get = row.method == "GET";
        out.allow += (out.allow.empty() ? "" : ", ") + std::string(row.method) + (is_get ? ", HEAD" : "");
        if (row.method != method && !(is_get && method == "HEAD")) continue;
        out.what = &row;
        out.route = std::move(met.name);
        out.name_space = std::move(met.name_space);
    }
    return out;
}

} // namespace adit::admin
