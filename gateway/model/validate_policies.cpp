#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "model/text_template.hpp"
#include "model/validate_route.hpp"

#include <algorithm>
#include <array>

namespace adit::model {

namespace {

constexpr std::size_t longest_text = 4096; // bytes of a path, an URL or a header value as written

bool is_sub_delimiter(char c) noexcept {
    return std::string_view("!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

bool is_unreserved(char c) noexcept {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

// RFC 3986 §3.3 and §3.4, with those of `more`: what may be sent as it is written.
bool is_uri_text(std::string_view text, std::string_view more) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (text.size() - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return false;
            i += 2;
        } else if (!is_unreserved(text[i]) && !is_sub_delimiter(text[i]) && more.find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// The template, when its literal parts may stand in an URI; complains otherwise.
std::optional<text_template>
check_uri(std::string_view text, variable_set allowed, std::string_view more, const findings& found) {
    if (text.size() > longest_text) return found.error("a text is at most 4 KiB long"), std::nullopt;
    fault why;
    auto pieces = parse_template(text, allowed, &why);
    if (!pieces) return found.error(std::move(why)), std::nullopt;
    for (const auto& one : *pieces)
        if (one.what == variable::literal && !is_uri_text(one.text, more)) {
            found.error(
                ticked(one.text) + " cannot be sent as it is written",
                "percent-encode what is no letter, digit or one of -._~!$&'()*+,;=:@/"
            );
            return std::nullopt;
        }
    return pieces;
}

bool names_groups(const text_template& pieces) {
    return std::any_of(pieces.begin(), pieces.end(), [](const auto& one) {
        return one.what == variable::group || one.what == variable::named_group;
    });
}

void check_pattern_of(std::string_view text, const findings& found, const pattern_checker& check_pattern) {
    if (check_pattern)
        if (auto wrong = check_pattern(text)) found.error(std::move(*wrong));
}

void check_new_path(const rewrite& wish, const findings& found) {
    const bool regex = wish.how == rewrite::kind::regex;
    const auto here = found.under(regex ? "to" : "prefix");
    if (wish.to.starts_with("http://") || wish.to.starts_with("https://"))
        return here.error(
            "a rewrite keeps the host", "write redirect: {to: URL}, or set Host under request_headers"
        );
    if (!wish.to.starts_with('/') && !(regex && wish.to.starts_with('$')))
        return here.error("a path begins with '/'", "write /" + wish.to);
    check_uri(wish.to, regex ? rewrite_variables : variable_set{}, regex ? "/?" : "/", here);
}

void check_rewrite(
    const rewrite& wish, const path_match& path, const findings& found, const pattern_checker& check_pattern
) {
    const bool regex = wish.how == rewrite::kind::regex;
    check_new_path(wish, found);
    if (!regex && path.how == path_match::kind::regex)
        found.under("prefix").error(
            "a route with a path regex has no prefix to replace", "write to: with $1 for its first group"
        );
    if (regex && wish.pattern.empty() && path.how != path_match::kind::regex)
        found.under("to").error(
            "there is no pattern whose groups it could use", "write regex: beside it, or prefix: alone"
        );
    if (regex && !wish.pattern.empty()) check_pattern_of(wish.pattern, found.under("regex"), check_pattern);
    if (!wish.forwarded_prefix.empty())
        check_uri(
            wish.forwarded_prefix, regex ? rewrite_variables : variable_set{}, "/",
            found.under("forwarded_prefix")
        );
}

void check_redirect(const redirect& wish, const path_match& path, const findings& found) {
    static constexpr std::array<std::uint16_t, 5> codes{301, 302, 303, 307, 308};
    static constexpr std::array<std::string_view, 4> beginnings{"/", "http://", "https://", "$scheme://"};
    const auto to = found.under("to");
    if (std::none_of(beginnings.begin(), beginnings.end(), [&](auto one) {
            return wish.to.starts_with(one);
        }))
        to.error(
            ticked(wish.to) + " is neither an URL nor a path",
            "begin with https://, http://, $scheme:// or /, e.g. https://new.test$request_uri"
        );
    else if (wish.to.starts_with("//"))
        to.error("a path that begins with // names a host", "write https:// before it, or one / only");
    else if (const auto pieces = check_uri(wish.to, redirect_variables, "/?#[]", to);
             pieces && names_groups(*pieces) && path.how != path_match::kind::regex)
        to.error("groups are those of the route's path regex, and it has none");
    if (std::find(codes.begin(), codes.end(), wish.code) == codes.end())
        found.under("code").error(
            std::to_string(wish.code) + " is no redirect that tells where to go", "301, 302, 303, 307 or 308"
        );
    if (!wish.path.empty() && (!wish.path.starts_with('/') || !is_field_text(wish.path)))
        found.under("path").error("a path begins with '/'", "e.g. path: /");
}

// What frames a message, belongs to one connection, or is Adit's own to say.
bool is_refused_field(std::string_view name, bool request) {
    static constexpr std::array<std::string_view, 11> both{
        "connection", "content-length", "keep-alive", "proxy-connection",  "te",    "trailer",
        "upgrade",    "http2-settings", "via",        "transfer-encoding", "expect"};
    const auto is = [&](std::string_view one) { return iequals(one, name); };
    return std::any_of(both.begin(), both.end(), is) || (!request && (is("date") || is("server-timing")));
}

bool check_field_name(std::string_view name, bool request, const findings& found) {
    if (!is_token(name))
        found.error(
            name.empty() ? "the name of a header is missing" : ticked(name) + " is not the name of a header",
            "letters, digits and !#$%&'*+-.^_`|~; no spaces, no colon"
        );
    else if (is_refused_field(name, request))
        found.error(ticked(name) + " belongs to the connection, not to a policy", "remove it");
    else
        return true;
    return false;
}

void check_field_value(const header_value& one, const findings& found) {
    const bool host = iequals(one.name, "host");
    if (one.value.size() > longest_text) return found.error("a value is at most 4 KiB long");
    if (!is_field_text(one.value)) return found.error("a value has no control bytes");
    if (trim_ows(one.value).size() != one.value.size())
        return found.error("a value has no spaces around it", "write " + ticked(trim_ows(one.value)));
    fault why;
    const auto pieces = parse_template(one.value, host ? host_variables : header_variables, &why);
    if (!pieces) return found.error(std::move(why));
    if (!host) return;
    for (const auto& piece : *pieces)
        if (piece.what == variable::literal && !is_uri_text(piece.text, "[]"))
            return found.error(
                ticked(piece.text) + " is not part of a host", "e.g. shop.test or shop.test:8080"
            );
    if (pieces->empty()) found.error("a Host is not empty", "e.g. shop.test");
}

void check_edits(const header_edits& wish, bool request, const findings& found) {
    const auto is_host = [](std::string_view name) { return iequals(name, "host"); };
    for (std::size_t i = 0; i < wish.remove.size(); ++i) {
        const auto here = found.under("remove").item(i);
        if (check_field_name(wish.remove[i], request, here) && is_host(wish.remove[i]))
            here.error("a request has a Host", "set another one");
    }
    for (std::size_t i = 0; i < wish.set.size(); ++i) {
        const auto& one = wish.set[i];
        const auto here = found.under("set").under(one.name);
        if (!check_field_name(one.name, request, here)) continue;
        if (is_host(one.name) && !request) here.error("a response has no Host", "remove it");
        check_field_value(one, here);
        for (std::size_t j = 0; j < i; ++j)
            if (iequals(wish.set[j].name, one.name)) {
                here.error("the header is set twice", "names are told apart without case; remove one");
                break;
            }
    }
    for (const auto& one : wish.add) {
        const auto here = found.under("add").under(one.name);
        if (!check_field_name(one.name, request, here)) continue;
        if (is_host(one.name)) here.error("a request has one Host", "write it under set");
        check_field_value(one, here);
    }
}

} // namespace

void check_policies(const route& wish, const findings& found, const pattern_checker& check_pattern) {
    const auto& policies = wish.policies;
    if (policies.rewrite)
        check_rewrite(*policies.rewrite, wish.match.path, found.under("rewrite"), check_pattern);
    if (policies.redirect) check_redirect(*policies.redirect, wish.match.path, found.under("redirect"));
    check_edits(policies.request_headers, true, found.under("request_headers"));
    check_edits(policies.response_headers, false, found.under("response_headers"));
    for (const auto& track : wish.tracks) {
        const auto here = found.under("tracks").under(track.name).at(track.at);
        check_edits(track.request_headers, true, here.under("request_headers"));
        check_edits(track.response_headers, false, here.under("response_headers"));
    }
    if (policies.cors) check_cors(*policies.cors, found.under("cors"));
    if (policies.access) check_access(*policies.access, found.under("access"));
    if (policies.basic_auth) check_basic_auth(*policies.basic_auth, found.under("basic_auth"));
    check_rate(policies.rate, found.under("rate"));
}

} // namespace adit::model
