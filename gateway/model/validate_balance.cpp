#include "model/validate_balance.hpp"

#include "model/grammar.hpp"
#include "model/units.hpp"

#include <algorithm>
#include <string>

namespace adit::model {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_time{24 * 3'600'000};
constexpr milliseconds longest_ttl{365LL * 24 * 3'600'000};
constexpr milliseconds shortest_interval{100};
constexpr std::uint32_t most_in_a_row = 1000;
constexpr std::size_t longest_cookie_name = 64, longest_cookie_path = 256, longest_domain = 253; // bytes
constexpr std::size_t longest_check_path = 2048;

void check_range(std::uint32_t value, std::uint32_t low, std::uint32_t high, const findings& found) {
    if (value < low || value > high)
        found.error(
            std::to_string(value) + " is out of range",
            "from " + std::to_string(low) + " to " + std::to_string(high)
        );
}

void check_time(milliseconds value, milliseconds low, milliseconds high, const findings& found) {
    if (value < low || value > high)
        found.error(to_text(value) + " is out of range", "from " + to_text(low) + " to " + to_text(high));
}

// A Set-Cookie attribute (RFC 6265 §4.1.1): no controls, no ';'.
bool is_attribute(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f && c != ';'; });
}

void check_name(const std::string& name, const std::string& noun, const findings& found) {
    if (!is_token(name))
        found.error(
            name.empty() ? "the name of a " + noun + " is missing"
                         : ticked(name) + " is not the name of a " + noun,
            "letters, digits and !#$%&'*+-.^_`|~; no spaces, no colon"
        );
}

void check_sticky(const sticky& wish, const findings& found) {
    check_name(wish.cookie, "cookie", found.under("cookie"));
    if (wish.cookie.size() > longest_cookie_name)
        found.under("cookie").error("the name of this cookie is at most 64 bytes long");
    if (!wish.path.empty() && wish.path.front() != '/')
        found.under("path").error(ticked(wish.path) + " does not begin with '/'", "e.g. /shop");
    if (!is_attribute(wish.path) || wish.path.size() > longest_cookie_path)
        found.under("path").error(
            "the path of a cookie has at most 256 bytes, and no spaces, controls or semicolons"
        );
    if (!is_attribute(wish.domain) || wish.domain.size() > longest_domain)
        found.under("domain").error(ticked(wish.domain) + " is not a domain", "e.g. shop.test");
    check_time(wish.ttl, milliseconds::zero(), longest_ttl, found.under("ttl"));
    check_time(wish.expires, milliseconds::zero(), longest_ttl, found.under("expires"));
    if (wish.site == sticky::same_site::none && !wish.secure)
        found.under("same_site")
            .warn(
                "browsers drop a cookie with SameSite=None that is not Secure", "write secure: true beside it"
            );
}

void check_http(const active_health::http_check& wish, const findings& found) {
    const bool sound =
        std::all_of(wish.path.begin(), wish.path.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (wish.path.empty() || wish.path.front() != '/' || !sound || wish.path.size() > longest_check_path)
        found.under("path").error(
            ticked(wish.path) + " is no path to ask for",
            "it begins with '/' and has no spaces, e.g. /healthz"
        );
    if (!wish.host.empty() && !is_attribute(wish.host))
        found.under("host").error(ticked(wish.host) + " is no host", "e.g. shop.test");
    if (wish.status_low < 100 || wish.status_high > 599 || wish.status_low > wish.status_high)
        found.under("status").error("statuses go from 100 to 599", "e.g. 200-299");
}

} // namespace

void check_balance(const balance& wish, const findings& found) {
    const auto hash = found.under("hash");
    if (wish.by == balance::method::hash) {
        if (wish.key == balance::hash_by::header) check_name(wish.key_name, "header", hash.under("header"));
        if (wish.key == balance::hash_by::cookie) check_name(wish.key_name, "cookie", hash.under("cookie"));
        if (wish.hash_bound != 0)
            check_range(wish.hash_bound, lowest_hash_bound, highest_hash_bound, hash.under("bound"));
        if (wish.sticky)
            found.under("sticky").error(
                "a cookie and a hash cannot both decide", "remove one of sticky and by: hash"
            );
    }
    if (wish.sticky) check_sticky(*wish.sticky, found.under("sticky"));
    check_time(wish.slow_start, milliseconds::zero(), longest_time, found.under("slow_start"));
    if (wish.max_pending > most_pending)
        check_range(wish.max_pending, 0, most_pending, found.under("max_pending"));
    check_time(wish.pending_timeout, milliseconds{1}, longest_time, found.under("pending_timeout"));
}

void check_health(const health& wish, const findings& found) {
    if (wish.passive) {
        const auto here = found.under("passive");
        check_range(wish.passive->consecutive_5xx, 0, most_in_a_row, here.under("consecutive_5xx"));
        check_range(
            wish.passive->consecutive_connect_failures, 0, most_in_a_row,
            here.under("consecutive_connect_failures")
        );
        check_time(wish.passive->base_ejection, milliseconds{1}, longest_time, here.under("base_ejection"));
        check_time(wish.passive->max_ejection, milliseconds{1}, longest_time, here.under("max_ejection"));
        if (wish.passive->max_ejection < wish.passive->base_ejection)
            here.under("max_ejection")
                .error(
                    "it is shorter than base_ejection", "at least " + to_text(wish.passive->base_ejection)
                );
        check_range(wish.passive->max_share, 0, 100, here.under("max_share"));
    }
    if (wish.active) {
        const auto here = found.under("active");
        if (wish.active->http) check_http(*wish.active->http, here.under("http"));
        check_time(wish.active->interval, shortest_interval, longest_time, here.under("interval"));
        check_time(wish.active->timeout, milliseconds{1}, longest_time, here.under("timeout"));
        check_range(wish.active->rise, 1, most_in_a_row, here.under("rise"));
        check_range(wish.active->fall, 1, most_in_a_row, here.under("fall"));
        check_range(wish.active->jitter, 0, 100, here.under("jitter"));
    }
}

} // namespace adit::model
