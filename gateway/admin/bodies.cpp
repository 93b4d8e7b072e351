#include "admin/bodies.hpp"

#include "admin/json_text.hpp"
#include "core/bytes.hpp"
#include "core/ip.hpp"
#include "model/grammar.hpp"

#include <boost/json/parser.hpp>

#include <cmath>

namespace adit::admin {
namespace {

namespace json = boost::json;

problem invalid(std::string key, std::string detail, std::string hint = {}) {
    return {
        .status = 422,
        .name = "invalid-body",
        .title = "The body does not say what is expected",
        .detail = std::move(detail),
        .hint = std::move(hint),
        .key = std::move(key)};
}

// The member names of an object that are not in `known` are mistakes, not extensions.
std::optional<problem>
find_unknown(const json::object& object, std::initializer_list<std::string_view> known) {
    for (const auto& member : object) {
        const std::string_view key = member.key();
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::string hint = "known members: ";
        for (const auto one : known) hint += (hint.back() == ' ' ? "" : ", ") + std::string(one);
        return invalid(std::string(key), "there is no member \"" + std::string(key) + '"', std::move(hint));
    }
    return std::nullopt;
}

answer<json::object> read_object(std::string_view body) {
    auto parsed = read_json(body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    auto* object = std::get<json::value>(parsed).if_object();
    if (!object) return invalid({}, "the body is not a JSON object");
    return std::move(*object);
}

// Absent leaves `into` as it is.
std::optional<problem> take_text(const json::object& from, std::string_view key, std::string& into) {
    const auto* value = from.if_contains(key);
    if (!value) return std::nullopt;
    const auto* text = value->if_string();
    if (!text) return invalid(std::string(key), '"' + std::string(key) + "\" is not a string");
    into.assign(text->data(), text->size());
    return std::nullopt;
}

answer<double> read_percent(const std::string& of, const json::value& value) {
    boost::system::error_code error;
    const auto percent = value.to_number<double>(error);
    if (!error && std::isfinite(percent)) return percent;
    return problem{
        .status = 422,
        .name = "weight-not-a-number",
        .title = "A weight is not a number",
        .detail = "the weight of \"" + of + "\" is " + json_text(value),
        .hint = "write a percentage without quotes: {\"" + of + "\": 12.5}",
        .key = of};
}

std::optional<problem> add_header(explain_request& to, std::string_view name, std::string_view value) {
    value = trim_ows(value);
    if (!model::is_token(name))
        return invalid("headers", '"' + std::string(name) + "\" is not a header name");
    if (!model::is_field_text(value))
        return invalid(
            "headers." + std::string(name), "the value of " + std::string(name) + " has control bytes in it"
        );
    if (iequals(name, "host")) {
        if (to.host.empty()) to.host = value;
        return std::nullopt;
    }
    to.headers.emplace_back(name, value);
    return std::nullopt;
}

std::optional<problem>
add_member_header(explain_request& to, std::string_view name, const json::value& value) {
    if (const auto* text = value.if_string()) return add_header(to, name, *text);
    const auto* list = value.if_array();
    if (!list) return invalid("headers." + std::string(name), "a header is a string or a list of strings");
    for (const auto& one : *list) {
        const auto* text = one.if_string();
        if (!text)
            return invalid("headers." + std::string(name), "a header is a string or a list of strings");
        if (auto bad = add_header(to, name, *text)) return bad;
    }
    return std::nullopt;
}

std::optional<problem> add_line_header(explain_request& to, const json::value& line) {
    const auto* text = line.if_string();
    const auto colon = text ? text->find(':') : json::string::npos;
    if (colon == json::string::npos)
        return invalid("headers", "a header in a list is one string with a colon", "write \"X-Next: gold\"");
    const std::string_view all = *text;
    return add_header(to, all.substr(0, colon), all.substr(colon + 1));
}

std::optional<problem> take_headers(explain_request& to, const json::value& headers) {
    if (const auto* object = headers.if_object()) {
        for (const auto& one : *object)
            if (auto bad = add_member_header(to, one.key(), one.value())) return bad;
        return std::nullopt;
    }
    const auto* list = headers.if_array();
    if (!list)
        return invalid("headers", "\"headers\" is an object or a list", "write {\"X-Next\": \"gold\"}");
    for (const auto& one : *list)
        if (auto bad = add_line_header(to, one)) return bad;
    return std::nullopt;
}

// Splits "http://shop.test:8080/cart?x=1#top" into host and target; the fragment never travels (RFC 9110
// §7.1).
std::optional<problem> split_url(explain_request& to, std::string_view url) {
    const auto scheme = url.find("://");
    const auto name = url.substr(0, scheme);
    if (scheme == url.npos || !(iequals(name, "http") || iequals(name, "https")))
        return invalid(
            "url", "\"url\" does not begin with http:// or https://", "or give \"host\" and \"path\""
        );
    auto rest = url.substr(scheme + 3);
    rest = rest.substr(0, rest.find('#'));
    const auto cut = rest.find_first_of("/?");
    const auto authority = rest.substr(0, cut);
    if (authority.empty()) return invalid("url", "\"url\" names no host");
    if (authority.find('@') != authority.npos)
        return invalid("url", "\"url\" has credentials in it", "leave them out");
    to.host = authority;
    to.target = cut == rest.npos ? "/" : rest.substr(cut);
    if (to.target.front() == '?') to.target.insert(0, 1, '/');
    return std::nullopt;
}

std::optional<problem> check(const explain_request& request) {
    if (!model::is_token(request.method)) return invalid("method", "\"method\" is not a method");
    const auto visible = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) {
            return static_cast<unsigned char>(c) > ' ' && c != 127;
        });
    };
    if (request.host.empty() || !visible(request.host))
        return invalid("host", "the request names no host", "give \"url\", or \"host\" and \"path\"");
    if (request.target.empty() || request.target.front() != '/' || !visible(request.target))
        return invalid("path", "\"path\" does not begin with / or has white space in it");
    if (!request.address.empty() && !parse_ip(request.address))
        return invalid("address", '"' + request.address + "\" is not an IP address");
    return std::nullopt;
}

} // namespace

answer<json::value> read_json(std::string_view body) {
    json::parser parser;
    boost::system::error_code error;
    const auto taken = parser.write_some(body.data(), body.size(), error);
    // What follows a complete value may only be white space; write_some() has taken that too.
    if (!error && taken == body.size()) return parser.release();
    const auto [line, column] = line_and_column(body, taken);
    const auto what = body.empty() ? "the body is empty"
                      : error      ? "the body is not JSON: " + error.message()
                                   : "something follows the end of the JSON text";
    problem out{.status = 400, .name = "malformed-json", .title = "The body is not JSON", .detail = what};
    out.detail +=
        body.empty() ? "" : ", at line " + std::to_string(line) + " column " + std::to_string(column);
    out.line = line;
    out.column = column;
    return out;
}

answer<double> read_weight(std::string_view body) {
    auto parsed = read_object(body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    const auto& object = std::get<json::object>(parsed);
    if (auto bad = find_unknown(object, {"weight"})) return std::move(*bad);
    const auto* found = object.if_contains("weight");
    if (!found) return invalid("weight", "the body has no weight", "write {\"weight\": 12.5}");
    return read_percent("weight", *found);
}

answer<std::map<std::string, double>> read_weights(std::string_view body) {
    auto parsed = read_object(body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    const auto& object = std::get<json::object>(parsed);
    if (object.empty()) return invalid({}, "the body names no track", "write {\"canary\": 12.5}");
    std::map<std::string, double> out;
    for (const auto& member : object) {
        const std::string track = member.key();
        auto percent = read_percent(track, member.value());
        if (auto* bad = std::get_if<problem>(&percent)) return std::move(*bad);
        out[track] = std::get<double>(percent);
    }
    return out;
}

answer<kill_body> read_kill(std::string_view body) {
    kill_body out;
    if (body.empty()) return out;
    auto parsed = read_object(body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    const auto& object = std::get<json::object>(parsed);
    if (auto bad = find_unknown(object, {"routes", "reason"})) return std::move(*bad);
    if (auto bad = take_text(object, "reason", out.reason)) return std::move(*bad);
    if (const auto* routes = object.if_contains("routes")) {
        const auto* list = routes->if_array();
        // An empty list would be read as "all" by one and as "none" by another.
        if (!list || list->empty())
            return invalid("routes", "\"routes\" is not a list of names", "leave it out to mean every route");
        out.routes.emplace();
        for (const auto& one : *list) {
            if (!one.is_string()) return invalid("routes", "\"routes\" is not a list of names");
            out.routes->emplace_back(one.get_string());
        }
    }
    return out;
}

answer<explain_request> read_explain(std::string_view body) {
    auto parsed = read_object(body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    const auto& object = std::get<json::object>(parsed);
    if (auto bad = find_unknown(object, {"method", "url", "host", "path", "headers", "address"}))
        return std::move(*bad);
    explain_request out;
    std::string url;
    if (auto bad = take_text(object, "method", out.method)) return std::move(*bad);
    if (auto bad = take_text(object, "host", out.host)) return std::move(*bad);
    if (auto bad = take_text(object, "path", out.target)) return std::move(*bad);
    if (auto bad = take_text(object, "address", out.address)) return std::move(*bad);
    if (auto bad = take_text(object, "url", url)) return std::move(*bad);
    if (object.contains("url")) {
        if (object.contains("host") || object.contains("path"))
            return invalid("url", "\"url\" stands beside \"host\" or \"path\"", "give one or the other");
        if (auto bad = split_url(out, url)) return std::move(*bad);
    }
    if (const auto* headers = object.if_contains("headers"))
        if (auto bad = take_headers(out, *headers)) return std::move(*bad);
    if (auto bad = check(out)) return std::move(*bad);
    return out;
}

std::optional<std::vector<std::uint64_t>> read_if_match(const std::optional<std::string>& field) {
    if (!field || trim_ows(*field) == "*") return std::nullopt;
    std::vector<std::uint64_t> out;
    std::string_view list = *field;
    while (const auto tag = next_element(list)) {
        if (tag->size() < 3 || tag->front() != '"' || tag->back() != '"') continue;
        if (const auto generation = parse_decimal(tag->substr(1, tag->size() - 2)))
            out.push_back(*generation);
    }
    return out;
}

std::string etag(std::uint64_t generation) {
    return '"' + std::to_string(generation) + '"';
}

} // namespace adit::admin
