#include "core/bytes.hpp"
#include "model/external_auth.hpp"
#include "model/grammar.hpp"
#include "model/service_url.hpp"
#include "model/units.hpp"
#include "model/validate_bodies.hpp"

namespace adit::model {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_timeout{600'000};
constexpr milliseconds longest_ttl{24 * 3'600'000};
constexpr std::size_t most_names = 32; // of fields, and parts of a key

// Fields that Adit writes anew for each hop, or that would change where a message ends.
bool is_framing(std::string_view name) {
    for (const auto* one :
         {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect",
          "keep-alive", "proxy-connection"})
        if (iequals(name, one)) return true;
    return false;
}

void check_names(const std::vector<std::string>& wish, const findings& found) {
    if (wish.size() > most_names)
        found.error(std::to_string(wish.size()) + " names are too many", "at most 32");
    for (std::size_t i = 0; i < wish.size(); ++i) {
        if (!is_token(wish[i]))
            found.item(i).error(ticked(wish[i]) + " is not the name of a header", "e.g. X-User");
        else if (is_framing(wish[i]))
            found.item(i).error(ticked(wish[i]) + " belongs to one connection only", "remove it");
    }
}

void check_signin(const external_auth& wish, const findings& found) {
    if (wish.signin.empty()) return;
    const bool url = wish.signin.starts_with("http://") || wish.signin.starts_with("https://");
    if ((!url && !wish.signin.starts_with('/')) || !is_field_text(wish.signin) ||
        wish.signin.find_first_of(" #") != std::string::npos)
        found.under("signin").error(
            ticked(wish.signin) + " is not a URL", "e.g. https://login.example.com/start, or /login"
        );
    if (!is_token(wish.signin_param))
        found.under("signin_param")
            .error(ticked(wish.signin_param) + " is not the name of a parameter", "e.g. rd");
}

void check_cache(const external_auth& wish, const findings& found) {
    const auto here = found.under("cache");
    if (wish.cache_key.size() > most_names)
        here.under("key").error(std::to_string(wish.cache_key.size()) + " parts are too many", "at most 32");
    for (std::size_t i = 0; i < wish.cache_key.size(); ++i) {
        const auto& one = wish.cache_key[i];
        const bool named = one.what == auth_key_part::kind::header || one.what == auth_key_part::kind::cookie;
        if (named && !is_token(one.name))
            here.under("key").item(i).error(ticked(one.name) + " is not a name", "e.g. Authorization");
    }
    if (!wish.cache_key.empty() && (wish.cache_ttl <= milliseconds::zero() || wish.cache_ttl > longest_ttl))
        here.under("ttl").error(
            to_text(wish.cache_ttl) + " is out of range", "from 1ms to " + to_text(longest_ttl)
        );
}

} // namespace

void check_service(const std::vector<endpoint>& wish, const findings& found) {
    for (std::size_t i = 0; i < wish.size(); ++i)
        if (wish[i].tls)
            found.item(i).error(
                "a service is asked over plain HTTP", "write " + ticked("http://" + wish[i].host)
            );
}

void check_external_auth(const external_auth& wish, const findings& found) {
    check_service(wish.endpoints, found.under("endpoints"));
    if (!is_request_target(wish.target))
        found.under("path").error(
            ticked(wish.target) + " is not a path", "it begins with a slash, e.g. /verify?realm=shop"
        );
    if (!is_token(wish.method) || to_lower(wish.method) == wish.method || wish.method == "CONNECT")
        found.under("method").error(
            ticked(wish.method) + " is not a method that can be asked with", "e.g. GET, in upper case"
        );
    if (!is_field_text(wish.request_redirect))
        found.under("request_redirect").error("a control character cannot be sent in a header");
    if (wish.request_headers) check_names(*wish.request_headers, found.under("request_headers"));
    check_names(wish.response_headers, found.under("response_headers"));
    check_signin(wish, found);
    check_cache(wish, found);
    if (wish.timeout <= milliseconds::zero() || wish.timeout > longest_timeout)
        found.under("timeout").error(
            to_text(wish.timeout) + " is out of range", "from 1ms to " + to_text(longest_timeout)
        );
    if (wish.status_on_error < 500 || wish.status_on_error > 599)
        found.under("status_on_error")
            .error(
                std::to_string(wish.status_on_error) + " does not say whose failure it is", "from 500 to 599"
            );
}

} // namespace adit::model
