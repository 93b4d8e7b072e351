#include "model/address.hpp"

#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/grammar.hpp"

namespace adit::model {

namespace {

struct parts {
    std::string_view host;
    std::optional<std::string_view> port; // absent: no colon
    bool bracketed = false;
};

// Takes "host", "host:port", "[v6]" and "[v6]:port" apart without judging either half.
std::optional<parts> split(std::string_view text, fault* why) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return refuse(why, "a bracket is not closed", "e.g. [::1]:8080");
        parts out{text.substr(1, end - 1), std::nullopt, true};
        const auto rest = text.substr(end + 1);
        if (rest.empty()) return out;
        if (rest[0] != ':') return refuse(why, "only a port may follow the bracket", "e.g. [::1]:8080");
        out.port = rest.substr(1);
        return out;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return parts{text, std::nullopt, false};
    if (text.find(':', colon + 1) != std::string_view::npos) {
        if (parse_ip(text))
            return refuse(why, "an IPv6 address stands in brackets", "write [" + std::string(text) + "]");
        return refuse(why, "more than one colon", "host:port, and an IPv6 address in brackets: [::1]:8080");
    }
    return parts{text.substr(0, colon), text.substr(colon + 1), false};
}

std::optional<std::uint16_t> parse_port(std::string_view text, fault* why) {
    if (text.empty()) return refuse(why, "a port is missing after the colon", "e.g. :8080");
    const auto value = parse_decimal(text);
    if (!value || *value > 65'535)
        return refuse(why, "`" + std::string(text) + "` is not a port", "a number from 1 to 65535");
    return static_cast<std::uint16_t>(*value);
}

bool is_v6(std::string_view host) {
    return host.find(':') != std::string_view::npos && parse_ip(host);
}

std::optional<endpoint> to_endpoint(const parts& from, fault* why) {
    const std::string host(from.host);
    if (host.empty()) return refuse(why, "a host is missing", "e.g. shop.svc:8080 or 10.0.0.1:8080");
    if (from.bracketed && !is_v6(host))
        return refuse(why, "only an IPv6 address stands in brackets", "e.g. [fd00::1]:80");
    if (!from.bracketed && !parse_ip(host) && !is_dns_name(host))
        return refuse(
            why, "`" + host + "` is neither an IP address nor a DNS name",
            "e.g. shop.svc:8080 or 10.0.0.1:8080"
        );
    endpoint out{to_lower(host), 80};
    if (!from.port) return out;
    const auto port = parse_port(*from.port, why);
    if (!port) return std::nullopt;
    if (*port == 0) return refuse(why, "port 0 cannot be connected to", "a number from 1 to 65535");
    out.port = *port;
    return out;
}

// The authority of an http or https URL without user, path, query and fragment.
std::optional<endpoint> from_url(std::string_view text, fault* why) {
    const auto scheme = text.substr(0, text.find("://"));
    auto rest = text.substr(scheme.size() + 3);
    const bool tls = iequals(scheme, "https");
    if (!tls && !iequals(scheme, "http"))
        return refuse(why, "`" + std::string(scheme) + "` is not a supported scheme", "http:// or https://");
    const auto end = rest.find_first_of("/?#");
    const auto after = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    rest = rest.substr(0, end);
    if (rest.find('@') != std::string_view::npos)
        return refuse(why, "an upstream carries no user name", "leave out what stands before the @");
    if (!after.empty() && after != "/")
        return refuse(
            why, "an upstream has no path: requests keep their own",
            "write " + std::string(scheme) + "://" + std::string(rest) + ", without " + std::string(after)
        );
    const auto found = split(rest, why);
    auto out = found ? to_endpoint(*found, why) : std::nullopt;
    if (!out || !tls) return out;
    out->tls = true;
    if (!found->port) out->port = 443;
    return out;
}

std::string join(std::string_view host, std::uint16_t port) {
    const bool brackets = host.find(':') != std::string_view::npos;
    std::string out = brackets ? '[' + std::string(host) + ']' : std::string(host);
    return out + ':' + std::to_string(port);
}

} // namespace

std::optional<address> parse_address(std::string_view text, fault* why) {
    if (text.empty()) return refuse(why, "an address is empty", "e.g. 0.0.0.0:8080 or :8080");
    if (text.find("://") != std::string_view::npos)
        return refuse(why, "an address to listen on is no URL", "e.g. 0.0.0.0:8080 or :8080");
    const auto found = split(text, why);
    if (!found) return std::nullopt;
    if (!found->port) {
        if (!found->bracketed && parse_decimal(text))
            return refuse(why, "a colon is missing", "write :" + std::string(text));
        return refuse(why, "a port is missing", "write " + std::string(text) + ":8080");
    }
    const auto port = parse_port(*found->port, why);
    if (!port) return std::nullopt;
    if (found->bracketed ? !is_v6(found->host) : !found->host.empty() && !parse_ip(found->host)) {
        const auto instead = iequals(found->host, "localhost") ? "127.0.0.1:" : "0.0.0.0:";
        return refuse(
            why, "`" + std::string(found->host) + "` is not an IP address",
            "write " + (instead + std::to_string(*port))
        );
    }
    const auto ip = parse_ip(found->host);
    return address{ip ? format_ip(*ip) : std::string{}, *port};
}

std::optional<endpoint> parse_endpoint(std::string_view text, fault* why) {
    if (text.find("://") != std::string_view::npos) return from_url(text, why);
    if (text.find('/') != std::string_view::npos)
        return refuse(why, "an endpoint has no path: requests keep their own", "e.g. shop.svc:8080");
    const auto found = split(text, why);
    return found ? to_endpoint(*found, why) : std::nullopt;
}

std::optional<endpoint> parse_upstream_url(std::string_view text, fault* why) {
    if (text.find("://") != std::string_view::npos) return from_url(text, why);
    return refuse(
        why, "`" + std::string(text) + "` is not a URL",
        text.empty() ? "e.g. http://127.0.0.1:8080" : "write http://" + std::string(text)
    );
}

std::string to_text(const address& value) {
    return join(value.host, value.port);
}
std::string to_text(const endpoint& value) {
    return (value.tls ? "https://" : "") + join(value.host, value.port);
}

} // namespace adit::model
