#include "observe/otlp.hpp"

#include "core/bytes.hpp"
#include "core/hex.hpp"

#include <boost/json.hpp>

namespace adit::observe {

namespace {

constexpr std::size_t usual_span = 1536; // bytes of JSON
constexpr int status_error = 2;          // OTLP's STATUS_CODE_ERROR
// Flags of OTLP beside those of the trace (SpanFlags): whether it is known where the parent was, and that it
// was elsewhere.
constexpr unsigned flag_parent_known = 0x100, flag_parent_remote = 0x200;

// Of texts of ours and of what clients sent: nothing but ASCII goes out.
void put_text(std::string& out, std::string_view text, bool encode) {
    static constexpr char digits[] = "0123456789ABCDEF";
    out += '"';
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < 0x20 || u == 0x7f) {
            out += "\\u00";
            out += digits[u >> 4];
            out += digits[u & 15];
        } else if (u >= 0x80 && encode) {
            out += '%';
            out += digits[u >> 4];
            out += digits[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void put_id(std::string& out, std::uint64_t id) {
    char text[16];
    write_hex(text, static_cast<std::uint32_t>(id >> 32));
    write_hex(text + 8, static_cast<std::uint32_t>(id));
    out.append(text, sizeof text);
}

// Members of an object or items of a list, with commas between them.
class attributes {
public:
    explicit attributes(std::string& out) : out_(out) { out_ += "\"attributes\":["; }
    ~attributes() { out_ += ']'; }
    attributes(const attributes&) = delete;

    // `encode`: the text may be anything; otherwise it is UTF-8.
    void text(std::string_view key, std::string_view value, bool encode = true) {
        if (value.empty()) return;
        begin(key);
        out_ += "{\"stringValue\":";
        put_text(out_, value, encode);
        out_ += "}}";
    }
    // 64-bit numbers are texts in the JSON of protocol buffers.
    void number(std::string_view key, std::uint64_t value) {
        begin(key);
        out_ += "{\"intValue\":\"" + std::to_string(value) + "\"}}";
    }

private:
    void begin(std::string_view key) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += "{\"key\":";
        put_text(out_, key, false);
        out_ += ",\"value\":";
    }

    std::string& out_;
    bool first_ = true;
};

struct authority {
    std::string_view host;
    std::uint64_t port = 0; // 0: none is said
};

// "shop.test:8080", "[::1]:80"; the brackets go.
authority split(std::string_view text) {
    authority out{text, 0};
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos)
        if (const auto port = parse_decimal(text.substr(colon + 1))) out = {text.substr(0, colon), *port};
    if (out.host.starts_with('[') && out.host.ends_with(']'))
        out.host = out.host.substr(1, out.host.size() - 2);
    return out;
}

void put_server_address(attributes& to, std::string_view text) {
    const auto at = split(text);
    to.text("server.address", at.host);
    if (at.port != 0) to.number("server.port", at.port);
}

std::string_view scheme(const span_record& one) {
    return one.secure ? "https" : "http";
}

// What both kinds tell.
void put_common(attributes& to, const span_record& one) {
    to.text("http.request.method", one.method.empty() ? "_OTHER" : one.method);
    if (one.status != 0) to.number("http.response.status_code", one.status);
    to.text("network.protocol.version", one.minor_version == 0 ? "1.0" : "1.1");
    to.text("adit.route", one.get(span_record::part::route));
    to.text("adit.track", one.get(span_record::part::track));
    if (!one.failed) return;
    to.text("error.type", one.error.empty() ? std::to_string(one.status) : one.error);
}

void put_server(std::string& out, const span_record& one) {
    using part = span_record::part;
    attributes to(out);
    put_common(to, one);
    to.text("url.scheme", scheme(one));
    to.text("url.path", one.get(part::path));
    put_server_address(to, one.get(part::host));
    char room[64];
    to.text("client.address", {room, format_ip(one.client, room)});
    to.text("adit.reason", one.reason);
    to.text("adit.endpoint", one.get(part::endpoint));
    to.number("adit.attempts", one.attempts);
}

void put_client(std::string& out, const span_record& one) {
    using part = span_record::part;
    attributes to(out);
    put_common(to, one);
    const auto endpoint = one.get(part::endpoint);
    put_server_address(to, endpoint);
    to.text("adit.endpoint", endpoint);
    if (const auto path = one.get(part::path); !path.empty()) {
        std::string url(scheme(one));
        ((url += "://") += endpoint) += path;
        to.text("url.full", url);
    }
    if (one.attempts > 1) to.number("http.request.resend_count", one.attempts - 1U);
}

void put_name(std::string& out, const span_record& one) {
    std::string name(one.method.empty() ? "HTTP" : one.method);
    if (const auto route = one.get(span_record::part::route); !route.empty()) (name += ' ') += route;
    put_text(out, name, true);
}

void put_span(std::string& out, const span_record& one, std::int64_t epoch) {
    out += "{\"traceId\":\"";
    put_id(out, one.trace_high);
    put_id(out, one.trace_low);
    out += "\",\"spanId\":\"";
    put_id(out, one.id);
    if (one.parent != 0) {
        out += "\",\"parentSpanId\":\"";
        put_id(out, one.parent);
    }
    out += "\",\"flags\":";
    out += std::to_string(one.flags | flag_parent_known | (one.remote_parent ? flag_parent_remote : 0U));
    out += ",\"name\":";
    put_name(out, one);
    out += ",\"kind\":" + std::to_string(static_cast<int>(one.kind));
    out += ",\"startTimeUnixNano\":\"" + std::to_string(one.started + epoch);
    out += "\",\"endTimeUnixNano\":\"" + std::to_string(one.ended + epoch) + "\",";
    one.kind == span_record::role::server ? put_server(out, one) : put_client(out, one);
    out += ",\"status\":{";
    if (one.failed) out += "\"code\":" + std::to_string(status_error);
    out += "}}";
}

} // namespace

std::string write_otlp(std::span<const span_record> spans, const span_resource& who, std::int64_t epoch) {
    std::string out;
    out.reserve(1024 + spans.size() * usual_span);
    out += "{\"resourceSpans\":[{\"resource\":{";
    {
        attributes of(out);
        of.text("service.name", who.service, false);
        for (const auto& [key, value] : who.attributes) of.text(key, value, false);
    }
    out += "},\"scopeSpans\":[{\"scope\":{\"name\":\"adit\",\"version\":";
    put_text(out, who.version, true);
    out += "},\"spans\":[";
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (i > 0) out += ',';
        put_span(out, spans[i], epoch);
    }
    out += "]}]}]}";
    return out;
}

partial_success read_partial_success(std::string_view body) {
    partial_success out;
    boost::system::error_code wrong;
    const auto value = boost::json::parse({body.data(), body.size()}, wrong);
    if (wrong || !value.is_object()) return out;
    const auto* part = value.get_object().if_contains("partialSuccess");
    if (!part || !part->is_object()) return out;
    if (const auto* rejected = part->get_object().if_contains("rejectedSpans")) {
        if (rejected->is_string())
            out.rejected = parse_decimal(std::string_view(rejected->get_string())).value_or(0);
        else
            out.rejected = rejected->to_number<std::uint64_t>(wrong);
        if (wrong) out.rejected = 0;
    }
    if (const auto* message = part->get_object().if_contains("errorMessage"); message && message->is_string())
        out.message = std::string(std::string_view(message->get_string()));
    return out;
}

} // namespace adit::observe
