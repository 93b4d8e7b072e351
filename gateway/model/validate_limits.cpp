#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "model/units.hpp"
#include "model/validate_route.hpp"

#include <algorithm>

namespace adit::model {

namespace {

constexpr std::chrono::milliseconds longest_preflight{
    31LL * 24 * 3'600'000};                        // browsers keep one for a day at most
constexpr std::uint32_t largest_burst = 1'000'000; // requests
constexpr std::size_t longest_realm = 256;         // bytes
constexpr std::uint32_t most_connections = 1'000'000;

std::optional<fault> check_origin(std::string_view text) {
    if (text == "*" || text == "null") return std::nullopt;
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos || !is_token(text.substr(0, scheme)))
        return fault{ticked(text) + " is not an origin", "write https:// or http:// before it"};
    auto host = text.substr(scheme + 3);
    if (host.find_first_of("/?#") != std::string_view::npos)
        return fault{
            "an origin ends before its path", "write " + std::string(text.substr(0, scheme + 3)) +
                                                  std::string(host.substr(0, host.find_first_of("/?#")))};
    const auto colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        const auto port = parse_decimal(host.substr(colon + 1));
        if (!port || *port == 0 || *port > 65'535)
            return fault{ticked(text) + " has no valid port", "from 1 to 65535"};
        host = host.substr(0, colon);
    }
    auto why = check_host_pattern(host);
    if (why) why->message = ticked(text) + ": " + why->message;
    return why;
}

void check_names(const std::vector<std::string>& wish, bool star, const findings& found) {
    for (std::size_t i = 0; i < wish.size(); ++i) {
        if (wish[i] == "*" && !star)
            found.item(i).error("`*` stands for nothing here", "name them one by one");
        else if (!is_token(wish[i]))
            found.item(i).error(ticked(wish[i]) + " is not a name", "letters, digits and !#$%&'*+-.^_`|~");
    }
}

void check_one_rate(const rate_limit& wish, const findings& found) {
    if (wish.by == rate_limit::key::header && !is_token(wish.header))
        found.under("header").error(
            wish.header.empty() ? "the name of a header is missing"
                                : ticked(wish.header) + " is not the name of a header",
            "e.g. header: X-Api-Key"
        );
    if (wish.requests == 0 && wish.connections == 0)
        found.error(
            "it says neither how often nor how many at one time", "write requests: 10/s or connections: 20"
        );
    if (wish.burst > largest_burst)
        found.under("burst").error(
            std::to_string(wish.burst) + " is out of range", "from 0 to " + std::to_string(largest_burst)
        );
    if (wish.burst > 0 && wish.requests == 0)
        found.under("burst").error(
            "a burst is of requests, and they have no bound", "write requests: beside it"
        );
    if (wish.connections > most_connections)
        found.under("connections")
            .error(
                std::to_string(wish.connections) + " is out of range",
                "from 1 to " + std::to_string(most_connections)
            );
}

} // namespace

void check_cors(const cors& wish, const findings& found) {
    if (wish.origins.empty()) found.under("origins").error("no origin is named", "e.g. https://app.test");
    for (std::size_t i = 0; i < wish.origins.size(); ++i)
        if (auto why = check_origin(wish.origins[i])) found.under("origins").item(i).error(std::move(*why));
    check_names(wish.methods, false, found.under("methods"));
    check_names(wish.headers, true, found.under("headers"));
    check_names(wish.expose, !wish.credentials, found.under("expose"));
    const bool any = std::find(wish.origins.begin(), wish.origins.end(), "*") != wish.origins.end();
    if (any && wish.credentials)
        found.under("credentials")
            .warn(
                "every site may act with the rights of its visitors here", "name the origins instead of `*`"
            );
    if (wish.max_age < std::chrono::milliseconds::zero() || wish.max_age > longest_preflight)
        found.under("max_age").error(
            to_text(wish.max_age) + " is out of range", "from 0s to " + to_text(longest_preflight)
        );
}

void check_access(const access& wish, const findings& found) {
    if (wish.allow.empty() && wish.deny.empty())
        found.warn("nobody is named, so everybody may come", "write allow: or deny:");
}

void check_basic_auth(const basic_auth& wish, const findings& found) {
    if (wish.file.empty() == wish.users.empty())
        found.under("file").error("no file is named", "an htpasswd file, e.g. /etc/adit/users");
    const auto realm = found.under("realm");
    if (wish.realm.size() > longest_realm)
        realm.error("a realm is at most 256 bytes long");
    else if (!is_field_text(wish.realm) || wish.realm.find_first_of("\"\\") != std::string::npos)
        realm.error("a realm has no quotes, backslashes or control bytes", "e.g. realm: Staff only");
}

void check_rate(const std::vector<rate_limit>& wish, const findings& found) {
    if (wish.size() > max_rate_limits)
        found.error(
            std::to_string(wish.size()) + " limits are too many", "at most " + std::to_string(max_rate_limits)
        );
    for (std::size_t i = 0; i < wish.size(); ++i) check_one_rate(wish[i], found.item(i));
}

} // namespace adit::model
