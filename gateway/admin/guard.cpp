#include "admin/guard.hpp"

#include "core/bytes.hpp"
#include "core/ip.hpp"

namespace adit::admin {
namespace {

struct authority {
    std::string_view host; // without brackets
    std::string_view port; // may be empty
    bool bracketed = false;
};

std::optional<authority> split(std::string_view text) {
    authority out;
    if (!text.empty() && text.front() == '[') {
        const auto end = text.find(']');
        if (end == text.npos) return std::nullopt;
        out = {.host = text.substr(1, end - 1), .port = {}, .bracketed = true};
        text.remove_prefix(end + 1);
    } else {
        out.host = text.substr(0, text.find(':'));
        text.remove_prefix(out.host.size());
    }
    if (text.empty()) return out;
    out.port = text.substr(1);
    if (text.front() != ':' || (!out.port.empty() && !parse_decimal(out.port))) return std::nullopt;
    return out;
}

// The scheme's own port may be left out on either side (RFC 6454 §6.1).
bool same_authority(std::string_view a, std::string_view b, std::string_view usual_port) {
    const auto left = split(a);
    const auto right = split(b);
    if (!left || !right) return false;
    const auto port = [&](const authority& of) { return of.port.empty() ? usual_port : of.port; };
    return left->bracketed == right->bracketed && iequals(left->host, right->host) &&
           port(*left) == port(*right);
}

} // namespace

std::optional<problem> check_host(std::string_view host) {
    const auto parts = split(host);
    if (parts && (iequals(parts->host, "localhost") || parse_ip(parts->host))) return std::nullopt;
    return problem{
        .status = 403,
        .name = "host-not-allowed",
        .title = "This name may not be used to reach the API",
        .detail = "without a token the Host field must be an IP address or localhost, not \"" +
                  std::string(host) + '"',
        .hint = "ask by IP address, or start the gateway with --admin-token-file",
        .key = "Host"};
}

std::optional<problem> check_origin(std::string_view origin, std::string_view host) {
    if (origin.data() == nullptr) return std::nullopt;
    const auto scheme = origin.substr(0, origin.find("://"));
    if (scheme.size() != origin.size()) {
        const auto rest = origin.substr(scheme.size() + 3);
        if (scheme == "http" && same_authority(rest, host, "80")) return std::nullopt;
        if (scheme == "https" && same_authority(rest, host, "443")) return std::nullopt;
    }
    return problem{
        .status = 403,
        .name = "cross-origin",
        .title = "Pages of other origins may not use the API",
        .detail = "Origin is \"" + std::string(origin) + "\", the host asked is \"" + std::string(host) + '"',
        .key = "Origin"};
}

std::optional<problem> check_token(token_file& tokens, std::string_view authorization, std::string& name) {
    constexpr std::string_view scheme = "bearer ";
    problem out{
        .status = 401,
        .name = "token-missing",
        .title = "A token is needed",
        .detail = "the request carries no bearer token",
        .hint = "send Authorization: Bearer TOKEN with a token of --admin-token-file",
        .key = "Authorization"};
    if (!iequals(authorization.substr(0, scheme.size()), scheme)) return out;
    if (auto known = tokens.check(trim_ows(authorization.substr(scheme.size())))) {
        name = std::move(*known);
        return std::nullopt;
    }
    out.name = "token-wrong";
    out.title = "The token is not known";
    out.detail = "the bearer token is none of those in the token file";
    return out;
}

} // namespace adit::admin
