// The controller's ConfigMap: what it says of the whole gateway, and of what routes do unless their Ingress
// says otherwise. Names and defaults are those of ingress-nginx.
#pragma once

#include "model/gateway.hpp"
#include "source/cluster/view.hpp"
#include "source/ingress/options.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

struct settings {
    std::uint64_t body_size = 1024 * 1024; // bytes; 0 = unbounded
    std::chrono::seconds connect_timeout{5}, send_timeout{60}, read_timeout{60};
    bool ssl_redirect = true, force_ssl_redirect = false;
    std::uint16_t redirect_code = 308;
    std::optional<model::strict_transport> hsts = model::strict_transport{.include_subdomains = true};
    std::vector<ip_prefix> allow, deny;
    std::vector<std::uint16_t> custom_errors;
    std::string next_upstream = "error timeout";
    std::uint32_t next_tries = 3;
    std::chrono::seconds next_timeout{0};
    bool retry_non_idempotent = false;
    bool cross_namespace = false;             // Secrets and ConfigMaps of other namespaces may be named
    bool peak_ewma = false;                   // load-balance
    std::vector<std::string> allowed_headers; // that custom-headers may set; lower case
    std::string auth_url;                     // global-auth-url
    std::string auth_method, auth_signin, auth_signin_param, auth_redirect;
    std::vector<std::string> auth_response_headers;
    model::header_edits request_headers, response_headers; // proxy-set-headers, add-headers, hide-headers
};

// What a key says of the gateway goes into `into`. Warns of keys that are not honoured.
settings read_settings(const cluster::view& from, const options& by, model::gateway& into, complaints& out);

// nginx's sizes: "8k", "1m", "1g", "512".
std::optional<std::uint64_t> parse_nginx_size(std::string_view text) noexcept;
// CIDRs with commas between them; nullopt where one is none.
std::optional<std::vector<ip_prefix>> parse_cidrs(std::string_view text);
// "404,503": statuses from 400 to 599; nullopt where one is none.
std::optional<std::vector<std::uint16_t>> parse_statuses(std::string_view text);

} // namespace adit::source::ingress
