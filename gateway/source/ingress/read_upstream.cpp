// How endpoints are spoken to: times, further tries, TLS, Host.
#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t longest_time = 24 * 3600;          // seconds
constexpr std::int64_t longest_tunnel = 7 * longest_time; // seconds

seconds read_time(const reading& in, std::string_view name, seconds otherwise) {
    const auto number = in.from.number(name);
    if (!number) return otherwise;
    if (*number < 1) {
        in.from.warn(
            name, "a time of " + std::to_string(*number) + " s would end every request, and is ignored"
        );
        return otherwise;
    }
    return seconds(std::min(*number, longest_tunnel));
}

void read_times(const reading& in) {
    auto& out = in.into.common.timeouts;
    const auto most = [](seconds value) { return milliseconds(std::min(value, seconds(longest_time))); };
    out.connect = most(read_time(in, "proxy-connect-timeout", in.base.connect_timeout));
    read_time(
        in, "proxy-send-timeout", in.base.send_timeout
    ); // Adit waits for a slow endpoint as for its answer
    const auto read = read_time(in, "proxy-read-timeout", in.base.read_timeout);
    out.first_byte = out.response = most(read);
    out.tunnel_idle = read;
}

void read_retry(const reading& in) {
    const auto words = in.from.text("proxy-next-upstream").value_or(in.base.next_upstream);
    model::retry out;
    out.on_connect = out.on_reset = out.on_timeout = out.on_bad_response = false;
    out.non_idempotent = in.base.retry_non_idempotent;
    bool off = false;
    for (std::string_view rest = words; const auto word = next_element(rest, ' ');) {
        if (word->empty()) continue;
        if (*word == "error")
            out.on_connect = out.on_reset = true;
        else if (*word == "timeout")
            out.on_timeout = true;
        else if (*word == "invalid_header")
            out.on_bad_response = true;
        else if (*word == "non_idempotent")
            out.non_idempotent = true;
        else if (*word == "off")
            off = true;
        else if (const auto status = parse_decimal(word->substr(std::min<std::size_t>(5, word->size())));
                 word->starts_with("http_") && status && *status >= 400 && *status <= 599)
            out.statuses.set(static_cast<std::size_t>(*status - model::retry::first_status));
        else
            in.from.warn("proxy-next-upstream", '`' + std::string(*word) + "` is not known, and ignored");
    }
    const auto tries = in.from.number("proxy-next-upstream-tries").value_or(in.base.next_tries);
    out.attempts = static_cast<std::uint32_t>(
        tries <= 0 ? model::retry::max_attempts : std::min<std::int64_t>(tries, model::retry::max_attempts)
    );
    const auto within = in.from.number("proxy-next-upstream-timeout").value_or(in.base.next_timeout.count());
    out.within = seconds(std::clamp<std::int64_t>(within, 0, longest_time));
    if (off) out.attempts = 1;
    in.into.common.retry = out;
}

void read_tls(const reading& in) {
    const auto protocol = to_lower(in.from.text("backend-protocol").value_or("HTTP"));
    if (protocol == "https" || protocol == "auto_http") {
        in.into.secure_upstream = protocol == "https";
    } else if (protocol != "http") {
        in.from.refuse("backend-protocol", '`' + protocol + "` is not spoken by Adit", "HTTP or HTTPS");
    }
    if (!in.into.secure_upstream) return;
    auto& out = in.into.upstream_tls.emplace();
    const auto verify = in.from.text("proxy-ssl-verify").value_or("off");
    out.verify = verify == "on" || verify == "true";
    out.server_name = in.from.text("proxy-ssl-name").value_or("");
    const auto sni = in.from.text("proxy-ssl-server-name").value_or("off");
    out.sni = sni == "on" || sni == "true" || !out.server_name.empty();
    const auto key = other_object(in, "proxy-ssl-secret");
    if (key.empty()) return;
    const auto* secret = in.objects.find<cluster::secret>(key);
    if (!secret && in.by.secrets_unseen) return;
    if (!secret) return in.from.refuse("proxy-ssl-secret", "there is no Secret " + key);
    const auto take = [&](const char* name, model::document& into) {
        if (const auto at = secret->data.find(name); at != secret->data.end()) into.text = at->second;
    };
    take("ca.crt", out.ca);
    take("tls.crt", out.chain);
    take("tls.key", out.key);
}

} // namespace

void read_upstream(const reading& in) {
    read_times(in);
    read_retry(in);
    read_tls(in);
    if (auto host = in.from.text("upstream-vhost")) {
        if (model::is_dns_name(*host) || host->find('$') == std::string::npos)
            in.into.common.policies.request_headers.set.push_back({"Host", std::move(*host)});
        else
            in.from.warn("upstream-vhost", "variables are not supported, so Host stays as it is");
    }
}

} // namespace adit::source::ingress
