#include "cli/api_wire.hpp"

#include <boost/json/parse.hpp>

#include <string_view>
#include <utility>

namespace adit::cli {

namespace http = boost::beast::http;

namespace {

std::string member(const boost::json::object& from, std::string_view key) {
    const auto* value = from.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

bool has_control_bytes(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) < ' ' || c == 127) return true;
    return false;
}

} // namespace

std::string authority_of(const api_address& where) {
    const bool bare_v6 = where.host.find(':') != std::string::npos;
    return (bare_v6 ? '[' + where.host + ']' : where.host) + ':' + where.port;
}

http::request<http::string_body> to_message(const api_address& where, const api_request& from) {
    http::request<http::string_body> out;
    out.version(11);
    out.method_string(from.method);
    out.target(from.path);
    out.set(http::field::host, authority_of(where));
    out.set(http::field::user_agent, "adit");
    out.set(http::field::accept, "application/json, application/problem+json");
    out.set(http::field::connection, "close");
    if (!from.token.empty()) out.set(http::field::authorization, "Bearer " + from.token);
    if (!from.if_match.empty()) out.set(http::field::if_match, from.if_match);
    if (!from.body.empty()) out.set(http::field::content_type, "application/json");
    out.body() = from.body;
    out.prepare_payload();
    return out;
}

bool may_be_sent(const api_request& request, api_answer& out) {
    // A line break in a token file's text would become a header of its own.
    if (!has_control_bytes(request.token) && !has_control_bytes(request.if_match) &&
        !has_control_bytes(request.path))
        return true;
    out.error = "the token or the name has control bytes in it";
    return false;
}

void tell_failure(api_answer& out, const char* step, const api_address& where, const std::string& error) {
    const auto place = authority_of(where);
    out.error = std::string(step) + " the API at " + place + " failed: " + error;
    out.hint = "is adit running with --admin " + place + "?";
}

void read_problem(api_answer& answer) {
    answer.error = "the API answered " + std::to_string(answer.status);
    boost::system::error_code error;
    const auto parsed = boost::json::parse(answer.body, error);
    if (error || !parsed.is_object()) {
        answer.hint = "is this the admin address of an adit?";
        return;
    }
    const auto& object = parsed.get_object();
    if (auto detail = member(object, "detail"); !detail.empty()) answer.error = std::move(detail);
    answer.hint = member(object, "hint");
    if (answer.status == 401) answer.hint = "give a token of the gateway's --admin-token-file";
}

} // namespace adit::cli
