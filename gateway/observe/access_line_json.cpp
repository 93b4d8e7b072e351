// Adit's own layout, and that of the Elastic Common Schema (elastic.co/guide/en/ecs).
#include "core/bytes.hpp"
#include "core/log.hpp"
#include "observe/access_line.hpp"
#include "observe/json_fields.hpp"

#include <algorithm>
#include <utility>

namespace adit::observe {

namespace {

using text = exchange_record::text;

constexpr std::string_view ecs_version = "8.11.0";
constexpr std::size_t address_size = 64; // more than format_ip() writes

// Lengths of the parts of an exchange in ns; -1 where it did not come so far.
struct spans {
    std::int64_t total, waited, connect, first_byte;

    explicit spans(const exchange_record& one)
        : total(std::max<instant>(0, one.ended - one.started)),
          waited(between(one.started, one.attempt_at)),
          connect(between(one.attempt_at, one.sent_at)),
          first_byte(between(one.sent_at, one.first_byte_at)) {}

private:
    static std::int64_t between(instant from, instant to) noexcept {
        return from == 0 || to == 0 || to < from ? -1 : to - from;
    }
};

std::string_view protocol_of(const exchange_record& one) noexcept {
    return one.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
}

template <std::size_t N>
bool is_set(const std::array<std::uint8_t, N>& id) noexcept {
    return std::any_of(id.begin(), id.end(), [](auto octet) { return octet != 0; });
}

void put_time(json_fields& out, std::string_view name, record_clock::time_point when) {
    char room[time_room];
    out.text(name, {room, format_time(when, room)});
}

// "name": text of the record, where there is one.
void put(json_fields& out, std::string_view name, const exchange_record& one, text which) {
    if (const auto value = one.get(which); !value.empty()) out.text(name, value, one.is_cut(which));
}

void put_or_null(json_fields& out, std::string_view name, const exchange_record& one, text which) {
    out.text_or_null(name, one.get(which), one.is_cut(which));
}

// What the choice of the track rested on.
void put_choice(json_fields& out, const exchange_record& one) {
    put_or_null(out, "route", one, text::route);
    put_or_null(out, "track", one, text::track);
    put(out, "chosen", one, text::chosen);
    out.text_or_null("reason", one.reason);
    if (one.rule != exchange_record::no_rule) out.number("rule", one.rule);
    if (one.bucket != exchange_record::no_bucket) out.number("bucket", one.bucket);
    if (one.total != 0) out.decimal("weight", std::uint64_t{one.weight} * 100'000 / one.total);
}

void put_effort(json_fields& out, const exchange_record& one, const spans& took) {
    put_or_null(out, "endpoint", one, text::endpoint);
    out.number("attempts", one.attempts);
    out.milliseconds("waited_ms", took.waited);
    out.milliseconds("connect_ms", took.connect);
    out.milliseconds("first_byte_ms", took.first_byte);
}

} // namespace

void write_record_json(
    std::string& to, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
) {
    const spans took(one);
    char address[address_size];
    json_fields out(to);
    put_time(out, "time", clock.of(one.ended));
    put_or_null(out, "request_id", one, text::request_id);
    out.text("client", {address, format_ip(one.client, address)});
    if (with.peer) out.text("peer", {address, format_ip(one.peer, address)});
    if (with.user) put(out, "user", one, text::user);
    put_or_null(out, "method", one, text::method);
    put_or_null(out, "host", one, text::host);
    put_or_null(out, "path", one, text::path);
    if (with.query) put(out, "query", one, text::query);
    out.text("protocol", protocol_of(one));
    if (!one.tls.empty()) out.text("tls", one.tls);
    out.number("status", one.status);
    out.text("end", one.end);
    put_choice(out, one);
    put_effort(out, one, took);
    out.milliseconds("duration_ms", took.total);
    out.number("bytes_in", one.bytes_in);
    out.number("bytes_out", one.bytes_out);
    out.number("body_bytes_out", one.body_out);
    if (with.referer) put(out, "referer", one, text::referer);
    if (with.user_agent) put(out, "user_agent", one, text::user_agent);
    if (is_set(one.trace_id)) {
        out.hex("trace_id", one.trace_id);
        out.hex("span_id", one.span_id);
        if (is_set(one.parent_id)) out.hex("parent_id", one.parent_id);
    }
    out.close();
}

void write_json_line(
    std::string& out, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
) {
    write_record_json(out, one, clock, with);
    out += '\n';
}

namespace {

// Host and port of an authority.
std::pair<std::string_view, std::string_view> parts_of(std::string_view authority) noexcept {
    const auto colon = authority.rfind(':');
    const auto bracket = authority.rfind(']');
    const bool has_port =
        colon != std::string_view::npos &&
        (bracket == std::string_view::npos ? authority.find(':') == colon : bracket < colon);
    if (!has_port) return {authority, {}};
    return {authority.substr(0, colon), authority.substr(colon + 1)};
}

void put_ecs_http(json_fields& out, const exchange_record& one, const model::access_log::parts& with) {
    out.open("http");
    out.raw("version", one.minor_version == 0 ? "\"1.0\"" : "\"1.1\"");
    out.open("request");
    put(out, "id", one, text::request_id);
    put(out, "method", one, text::method);
    out.number("bytes", one.bytes_in);
    if (with.referer) put(out, "referrer", one, text::referer);
    out.close();
    out.open("response");
    out.number("status_code", one.status);
    out.number("bytes", one.bytes_out);
    out.open("body");
    out.number("bytes", one.body_out);
    out.close();
    out.close();
    out.close();
    out.open("url");
    const auto [domain, port] = parts_of(one.get(text::host));
    if (!domain.empty()) out.text("domain", domain, one.is_cut(text::host));
    if (const auto number = parse_decimal(port)) out.number("port", *number);
    put(out, "path", one, text::path);
    if (with.query) put(out, "query", one, text::query);
    out.text("scheme", one.tls.empty() ? "http" : "https");
    out.close();
}

void put_ecs_tls(json_fields& out, const exchange_record& one) {
    if (one.tls.empty()) return;
    const auto number = one.tls.find_first_of("0123456789");
    out.open("tls");
    out.text("version", number == std::string_view::npos ? one.tls : one.tls.substr(number));
    out.text("version_protocol", "tls");
    out.close();
}

void put_ecs_parties(json_fields& out, const exchange_record& one, const model::access_log::parts& with) {
    char address[address_size];
    out.open("client");
    out.text("ip", {address, format_ip(one.client, address)});
    out.close();
    out.open("source");
    const auto& source = with.peer ? one.peer : one.client;
    out.text("ip", {address, format_ip(source, address)});
    out.close();
    if (const auto endpoint = one.get(text::endpoint); !endpoint.empty()) {
        out.open("destination");
        out.text("address", endpoint);
        out.close();
    }
    if (with.user && !one.get(text::user).empty()) {
        out.open("user");
        put(out, "name", one, text::user);
        out.close();
    }
    if (with.user_agent && !one.get(text::user_agent).empty()) {
        out.open("user_agent");
        put(out, "original", one, text::user_agent);
        out.close();
    }
}

void put_ecs_trace(json_fields& out, const exchange_record& one) {
    if (!is_set(one.trace_id)) return;
    out.open("trace");
    out.hex("id", one.trace_id);
    out.close();
    out.open("span");
    out.hex("id", one.span_id);
    out.close();
    if (!is_set(one.parent_id)) return;
    out.open("parent");
    out.hex("id", one.parent_id);
    out.close();
}

} // namespace

void write_ecs_line(
    std::string& to, const exchange_record& one, const record_clock& clock,
    const model::access_log::parts& with
) {
    const spans took(one);
    json_fields out(to);
    put_time(out, "@timestamp", clock.of(one.ended));
    out.open("ecs");
    out.text("version", ecs_version);
    out.close();
    out.open("event");
    out.raw("kind", "\"event\"");
    out.raw("category", "[\"web\"]");
    out.raw("type", "[\"access\"]");
    out.raw("dataset", "\"adit.access\"");
    out.raw("outcome", one.failed ? "\"failure\"" : "\"success\"");
    out.text("reason", one.end);
    out.number("duration", static_cast<std::uint64_t>(took.total));
    out.close();
    put_ecs_http(out, one, with);
    put_ecs_tls(out, one);
    put_ecs_parties(out, one, with);
    put_ecs_trace(out, one);
    out.open("adit");
    put_choice(out, one);
    put_effort(out, one, took);
    out.close();
    out.close();
    to += '\n';
}

} // namespace adit::observe
