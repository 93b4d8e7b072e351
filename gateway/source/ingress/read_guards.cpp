// Who may come, how often, and with how much.
#include "source/ingress/reading.hpp"

#include <algorithm>

namespace adit::source::ingress {

namespace {

std::vector<ip_prefix> read_cidrs(
    const reading& in, std::string_view name, std::string_view old_name, const std::vector<ip_prefix>& base
) {
    const auto written = in.from.text(name) ? name : old_name;
    const auto text = written.empty() ? std::nullopt : in.from.text(written);
    if (!text) return base;
    auto out = parse_cidrs(*text);
    if (out) return std::move(*out);
    in.from.refuse(written, '`' + *text + "` is not a list of addresses", "e.g. 10.0.0.0/8,192.0.2.7");
    return {};
}

void read_access(const reading& in) {
    model::access out;
    out.allow = read_cidrs(in, "allowlist-source-range", "whitelist-source-range", in.base.allow);
    out.deny = read_cidrs(in, "denylist-source-range", {}, in.base.deny);
    if (!out.allow.empty() || !out.deny.empty()) in.into.common.policies.access = std::move(out);
}

void read_body(const reading& in) {
    auto size = in.base.body_size;
    if (const auto text = in.from.text("proxy-body-size")) {
        if (const auto got = parse_nginx_size(*text))
            size = *got;
        else
            in.from.refuse("proxy-body-size", '`' + *text + "` is no size", "e.g. 8m, 512k or 0");
    }
    if (size != in.base.body_size) in.into.common.policies.body_max = size;
}

void read_limits(const reading& in) {
    constexpr std::int64_t most_requests = 1'000'000, most_connections = 1'000'000;
    const auto multiplier = std::max<std::int64_t>(in.from.number("limit-burst-multiplier").value_or(5), 1);
    const auto except = read_cidrs(in, "limit-allowlist", "limit-whitelist", {});
    auto& rate = in.into.common.policies.rate;
    const auto add = [&](std::string_view name, std::chrono::milliseconds per) {
        const auto wish = in.from.number(name).value_or(0);
        if (wish <= 0) return;
        auto& made = rate.emplace_back();
        made.requests = static_cast<std::uint32_t>(std::min(wish, most_requests));
        made.per = per;
        made.burst = static_cast<std::uint32_t>(std::min(wish * multiplier, most_requests));
        made.except = except;
    };
    add("limit-rps", std::chrono::seconds(1));
    add("limit-rpm", std::chrono::minutes(1));
    if (const auto wish = in.from.number("limit-connections").value_or(0); wish > 0) {
        auto& made = rate.emplace_back();
        made.connections = static_cast<std::uint32_t>(std::min(wish, most_connections));
        made.except = except;
    }
}

} // namespace

void read_guards(const reading& in) {
    read_access(in);
    read_body(in);
    read_limits(in);
}

} // namespace adit::source::ingress
