// Which endpoint: session cookies and hashes.
#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t longest_cookie = 365LL * 24 * 3600; // seconds; browsers keep none longer

// "^0" or an optional minus and digits; what is not positive ends with the browser.
milliseconds read_seconds(const reading& in, std::string_view name) {
    const auto written = in.from.text(name);
    if (!written) return {};
    const auto number = go_atoi(*written);
    if (!number) {
        in.from.warn(name, '`' + *written + "` is no number of seconds, and ignored");
        return {};
    }
    return seconds(std::clamp<std::int64_t>(*number, 0, longest_cookie));
}

model::sticky::same_site read_same_site(const reading& in) {
    using same_site = model::sticky::same_site;
    const auto word = to_lower(in.from.text("session-cookie-samesite").value_or(""));
    if (word == "none") return same_site::none;
    if (word == "lax") return same_site::lax;
    if (word == "strict") return same_site::strict;
    if (!word.empty())
        in.from.warn("session-cookie-samesite", '`' + word + "` is ignored", "None, Lax or Strict");
    return same_site::unsaid;
}

} // namespace

void read_affinity(const reading& in) {
    const auto& from = in.from;
    const auto kind = from.text("affinity").value_or("");
    if (kind.empty()) return;
    if (kind != "cookie") return from.warn("affinity", '`' + kind + "` is not known, and ignored", "cookie");
    auto& out = in.into.sticky.emplace();
    out.cookie = from.text("session-cookie-name").value_or("INGRESSCOOKIE");
    if (!model::is_token(out.cookie)) {
        from.warn(
            "session-cookie-name", '`' + out.cookie + "` cannot be the name of a cookie; it is INGRESSCOOKIE"
        );
        out.cookie = "INGRESSCOOKIE";
    }
    const auto mode = from.text("affinity-mode").value_or("balanced");
    if (mode == "persistent") out.how = model::sticky::mode::persistent;
    if (mode != "persistent" && mode != "balanced")
        from.warn("affinity-mode", '`' + mode + "` is not known, and ignored", "balanced or persistent");
    out.path = from.text("session-cookie-path").value_or("");
    if (out.path.empty() && in.into.use_regex)
        from.warn("session-cookie-path", "with use-regex the cookie needs a path of its own");
    out.domain = from.text("session-cookie-domain").value_or("");
    out.ttl = read_seconds(in, "session-cookie-max-age");
    out.expires = read_seconds(in, "session-cookie-expires");
    out.site = read_same_site(in);
    out.secure = from.flag("session-cookie-secure").value_or(false);
    out.change_on_failure = from.flag("session-cookie-change-on-failure").value_or(false);
    out.pins = in.by.strict() ? model::sticky::pin::strict : model::sticky::pin::track;
}

// A text with one variable and nothing else.
void read_balance(const reading& in) {
    auto& balance = in.into.common.balance;
    const auto method = in.from.text("load-balance").value_or("");
    if (method == "ewma" || (method.empty() && in.base.peak_ewma))
        balance.by = model::balance::method::peak_ewma;
    else if (!method.empty() && method != "round_robin")
        in.from.warn("load-balance", '`' + method + "` is not known, and ignored", "round_robin or ewma");
    const auto key = in.from.text("upstream-hash-by").value_or("");
    if (key.empty()) return;
    std::string_view name = key;
    if (name.starts_with("${") && name.ends_with('}')) {
        name.remove_prefix(2);
        name.remove_suffix(1);
    } else if (name.starts_with('$')) {
        name.remove_prefix(1);
    }
    using hash_by = model::balance::hash_by;
    const auto take = [&](hash_by what, std::string field = {}) {
        balance.by = model::balance::method::hash;
        balance.key = what;
        balance.key_name = std::move(field);
    };
    if (name == "request_uri" || name == "uri") return take(hash_by::uri);
    if (name == "remote_addr" || name == "binary_remote_addr") return take(hash_by::address);
    if (name.starts_with("cookie_")) return take(hash_by::cookie, std::string(name.substr(7)));
    if (name.starts_with("http_")) {
        std::string field(name.substr(5));
        std::replace(field.begin(), field.end(), '_', '-');
        return take(hash_by::header, std::move(field));
    }
    in.from.warn(
        "upstream-hash-by", '`' + key + "` is not supported, so endpoints are chosen in turn",
        "$request_uri, $remote_addr, $http_NAME or $cookie_NAME alone"
    );
}

} // namespace adit::source::ingress
