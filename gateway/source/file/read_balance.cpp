#include "source/file/read_balance.hpp"

#include "core/bytes.hpp"
#include "source/file/word.hpp"

namespace adit::source {

namespace {

void read_hash(const value& from, model::balance& into) {
    using hash_by = model::balance::hash_by;
    const section map(from);
    map.read("bound", into.hash_bound, &value::number);
    const auto key = map.one_of({"header", "cookie", "address", "uri"});
    if (!key) return;
    if (key->key().ends_with(".address") || key->key().ends_with(".uri")) {
        key->only_true();
        into.key = key->key().ends_with(".uri") ? hash_by::uri : hash_by::address;
        return;
    }
    into.key = key->key().ends_with(".header") ? hash_by::header : hash_by::cookie;
    if (auto got = key->text()) into.key_name = std::move(*got);
}

model::sticky read_sticky(const value& from) {
    using model::sticky;
    sticky out;
    const section map(from);
    map.read("cookie", out.cookie, &value::text);
    if (const auto found = map.find("mode"))
        read_word(
            *found, out.how, {{"balanced", sticky::mode::balanced}, {"persistent", sticky::mode::persistent}}
        );
    map.read("path", out.path, &value::text);
    map.read("domain", out.domain, &value::text);
    map.read("ttl", out.ttl, &value::duration);
    map.read("expires", out.expires, &value::duration);
    if (const auto found = map.find("same_site"))
        read_word(
            *found, out.site,
            {{"unsaid", sticky::same_site::unsaid},
             {"strict", sticky::same_site::strict},
             {"lax", sticky::same_site::lax},
             {"none", sticky::same_site::none}}
        );
    map.read("secure", out.secure, &value::flag);
    map.read("change_on_failure", out.change_on_failure, &value::flag);
    if (const auto found = map.find("pin"))
        read_word(
            *found, out.pins,
            {{"none", sticky::pin::none}, {"track", sticky::pin::track}, {"strict", sticky::pin::strict}}
        );
    return out;
}

model::passive_health read_passive(const value& from) {
    model::passive_health out;
    const section map(from);
    map.read("consecutive_5xx", out.consecutive_5xx, &value::number);
    map.read("consecutive_connect_failures", out.consecutive_connect_failures, &value::number);
    map.read("base_ejection", out.base_ejection, &value::duration);
    map.read("max_ejection", out.max_ejection, &value::duration);
    map.read("max_share", out.max_share, &value::number);
    return out;
}

// "200", "200-399"
void read_status(const value& from, model::active_health::http_check& into) {
    const auto text = from.text();
    if (!text) return;
    const auto dash = text->find('-');
    const auto low = parse_decimal(std::string_view{*text}.substr(0, dash));
    const auto high =
        dash == std::string::npos ? low : parse_decimal(std::string_view{*text}.substr(dash + 1));
    constexpr std::uint64_t most = 999;
    if (!low || !high || *low > most || *high > most)
        return from.complain("`" + *text + "` is no range of statuses", "e.g. 200-299");
    into.status_low = static_cast<std::uint32_t>(*low);
    into.status_high = static_cast<std::uint32_t>(*high);
}

model::active_health read_active(const value& from) {
    model::active_health out;
    const section map(from);
    if (const auto how = map.one_of({"http", "tcp"})) {
        if (how->key().ends_with(".tcp")) {
            how->only_true();
        } else {
            const section http(*how);
            out.http = model::active_health::http_check{};
            http.read("path", out.http->path, &value::text);
            http.read("host", out.http->host, &value::text);
            if (const auto found = http.find("status")) read_status(*found, *out.http);
        }
    }
    map.read("interval", out.interval, &value::duration);
    map.read("timeout", out.timeout, &value::duration);
    map.read("rise", out.rise, &value::number);
    map.read("fall", out.fall, &value::number);
    map.read("jitter", out.jitter, &value::number);
    return out;
}

} // namespace

model::balance read_balance(const value& from) {
    using method = model::balance::method;
    model::balance out;
    const section map(from);
    if (const auto found = map.find("by"))
        read_word(
            *found, out.by,
            {{"round_robin", method::round_robin},
             {"least_requests", method::least_requests},
             {"peak_ewma", method::peak_ewma},
             {"hash", method::hash}}
        );
    if (out.by == method::hash) {
        if (const auto found = map.require("hash", "e.g. hash: {cookie: session}")) read_hash(*found, out);
    } else if (const auto found = map.find("hash")) {
        found->complain(
            "`hash` means nothing unless requests are balanced by it", "write by: hash beside it"
        );
    }
    if (const auto found = map.find("sticky")) out.sticky = read_sticky(*found);
    map.read("slow_start", out.slow_start, &value::duration);
    if (const auto found = map.find("zone"))
        read_word(*found, out.prefer_zone, {{"any", false}, {"prefer", true}});
    map.read("max_connections", out.max_connections, &value::number);
    map.read("max_in_flight", out.max_in_flight, &value::number);
    map.read("max_pending", out.max_pending, &value::number);
    map.read("pending_timeout", out.pending_timeout, &value::duration);
    return out;
}

model::health read_health(const value& from) {
    model::health out;
    const section map(from);
    if (const auto found = map.find("passive")) out.passive = read_passive(*found);
    if (const auto found = map.find("active")) out.active = read_active(*found);
    return out;
}

} // namespace adit::source
