#include "core/bytes.hpp"
#include "model/grammar.hpp"
#include "model/validate_route.hpp"

#include <algorithm>
#include <array>

namespace adit::model {

namespace {

constexpr std::size_t longest_path = 8 * 1024; // bytes; a longer one is never received

void check_regex(std::string_view pattern, const findings& found, const pattern_checker& check_pattern) {
    if (pattern.empty())
        found.error("an empty pattern matches everything", "leave it out, or write `present: true`");
    else if (check_pattern)
        if (auto wrong = check_pattern(pattern)) found.error(std::move(*wrong));
}

int hex(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char small = lower(c);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string decode_escapes(std::string_view path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool escape =
            path[i] == '%' && i + 2 < path.size() && hex(path[i + 1]) >= 0 && hex(path[i + 2]) >= 0;
        out += escape ? static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2])) : path[i];
        if (escape) i += 2;
    }
    return out;
}

bool has_odd_segment(std::string_view path) {
    path.remove_prefix(1);
    for (;;) {
        const auto slash = path.find('/');
        const auto segment = path.substr(0, slash);
        if (segment == "." || segment == "..") return true;
        if (slash == std::string_view::npos) return false;
        if (segment.empty()) return true;
        path.remove_prefix(slash + 1);
    }
}

void check_path(const path_match& wish, const findings& found, const pattern_checker& check_pattern) {
    if (wish.how == path_match::kind::regex)
        return check_regex(wish.text, found.under("regex"), check_pattern);
    const auto here = found.under(wish.how == path_match::kind::prefix ? "prefix" : "exact");
    if (!wish.text.starts_with('/')) {
        const auto scheme = wish.text.find("://") != std::string::npos;
        return here.error(
            "a path begins with '/'", scheme ? "the host belongs under `hosts`" : "write /" + wish.text
        );
    }
    if (wish.text.size() > longest_path) return here.error("a path is at most 8 KiB long");
    if (const auto mark = wish.text.find_first_of("?#"); mark != std::string::npos)
        return here.error(
            "a path ends before '?' and '#'",
            wish.text[mark] == '?' ? "match the query under `match.query`" : ""
        );
    if (!is_field_text(wish.text)) return here.error("a path has no control bytes");
    // Routes are looked up by the path that is left after decoding and resolving.
    if (const auto decoded = decode_escapes(wish.text); decoded != wish.text)
        return here.error(
            "paths are compared after percent-decoding, so this one never matches", "write " + decoded
        );
    if (has_odd_segment(wish.text))
        here.error(
            "paths are compared after `//`, `.` and `..` are resolved, so this one never matches",
            "write the path without them"
        );
}

void check_methods(const std::vector<std::string>& wish, const findings& found) {
    static constexpr std::array<std::string_view, 9> usual{"GET",     "HEAD",  "POST",  "PUT",    "DELETE",
                                                           "OPTIONS", "TRACE", "PATCH", "CONNECT"};
    for (std::size_t i = 0; i < wish.size(); ++i) {
        const auto here = found.item(i);
        const auto known =
            std::find_if(usual.begin(), usual.end(), [&](auto m) { return iequals(m, wish[i]); });
        if (!is_token(wish[i]))
            here.error(ticked(wish[i]) + " is not a method", "e.g. GET");
        else if (known != usual.end() && *known != wish[i])
            here.error("methods are told apart by case", "write " + std::string(*known));
        else if (wish[i] == "CONNECT")
            here.error("CONNECT is never routed", "remove it");
        else if (std::find(wish.begin(), wish.begin() + static_cast<std::ptrdiff_t>(i), wish[i]) != wish.begin() + static_cast<std::ptrdiff_t>(i))
            here.error("the method " + ticked(wish[i]) + " is written twice", "remove one of the two");
    }
}

enum class subject { header, cookie, query };

void check_name(subject what, std::string_view name, const findings& found) {
    if (what == subject::query) {
        if (name.empty()) return found.error("a name is missing");
        if (!is_field_text(name)) found.error("a name has no control bytes");
        return;
    }
    if (is_token(name)) return;
    const std::string noun = what == subject::header ? "header" : "cookie";
    if (name.empty()) return found.error("the name of a " + noun + " is missing");
    found.error(
        ticked(name) + " is not the name of a " + noun,
        "letters, digits and !#$%&'*+-.^_`|~; no spaces, no colon"
    );
}

void check_exact(subject what, std::string_view value, const findings& found) {
    if (!is_field_text(value)) return found.error("a value has no control bytes");
    if (what == subject::query) return;
    if (trim_ows(value).size() != value.size())
        found.error(
            "a value is compared without the spaces around it, so this one never matches",
            "write " + ticked(trim_ows(value))
        );
    else if (what == subject::cookie && value.find(';') != std::string_view::npos)
        found.error("the value of a cookie ends at ';', so this one never matches");
}

void check_value(
    subject what, const value_match& wish, const findings& found, const pattern_checker& check_pattern
) {
    check_name(what, wish.name, found.under("name"));
    if (wish.how == value_match::kind::exact) check_exact(what, wish.text, found.under("value"));
    if (wish.how == value_match::kind::regex) check_regex(wish.text, found.under("regex"), check_pattern);
}

void check_values(
    subject what, const std::vector<value_match>& wish, const findings& found,
    const pattern_checker& check_pattern
) {
    for (std::size_t i = 0; i < wish.size(); ++i) check_value(what, wish[i], found.item(i), check_pattern);
}

// Lengths are written before texts, so that no text can look like two.
void append(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

void append_values(std::string& out, std::vector<value_match> values, bool lower_names) {
    if (lower_names)
        for (auto& one : values) one.name = to_lower(one.name);
    std::vector<std::string> texts;
    for (const auto& one : values) {
        auto& text = texts.emplace_back(1, static_cast<char>('0' + static_cast<int>(one.how)));
        append(text, one.name);
        if (one.how != value_match::kind::present) append(text, one.text);
    }
    std::sort(texts.begin(), texts.end());
    for (const auto& text : texts) append(out, text);
    out += '|';
}

} // namespace

void check_match(const match& wish, const findings& found, const pattern_checker& check_pattern) {
    for (std::size_t i = 0; i < wish.hosts.size(); ++i)
        if (auto why = check_host_pattern(wish.hosts[i]))
            found.under("hosts").item(i).error(ticked(wish.hosts[i]) + ": " + why->message, why->hint);
    check_path(wish.path, found.under("path"), check_pattern);
    check_methods(wish.methods, found.under("methods"));
    check_values(subject::header, wish.headers, found.under("headers"), check_pattern);
    check_values(subject::query, wish.query, found.under("query"), check_pattern);
}

void check_force(
    const route& wish, const colour& in_force, const findings& found, const pattern_checker& check_pattern
) {
    using kind = force_rule::subject;
    for (std::size_t i = 0; i < wish.force.size(); ++i) {
        const auto& rule = wish.force[i];
        const auto here = found.item(i).at(rule.at);
        switch (rule.what) {
        case kind::header:
            check_value(subject::header, rule.value, here.under("header"), check_pattern);
            break;
        case kind::cookie:
            check_value(subject::cookie, rule.value, here.under("cookie"), check_pattern);
            break;
        case kind::query: check_value(subject::query, rule.value, here.under("query"), check_pattern); break;
        case kind::source:
            if (rule.source.empty()) here.under("source").error("no address is named", "e.g. 10.0.0.0/8");
            break;
        }
        if (!wish.find_track(rule.track)) {
            std::string names;
            for (const auto& one : wish.tracks) names += (names.empty() ? "" : ", ") + one.name;
            here.under("track").error(
                rule.track.empty() ? "a rule needs a track" : "there is no track " + ticked(rule.track),
                names.empty() ? "" : "tracks of this route: " + names
            );
        }
        // A rule that names the header takes it from everybody, which the list of believed peers was to
        // prevent.
        const bool opens = rule.what == kind::header && in_force.enabled() &&
                           ((in_force.accept_canary_flag && iequals(rule.value.name, "X-Canary")) ||
                            (in_force.accept_version_route && iequals(rule.value.name, "X-Version-Route")));
        if (opens)
            here.under("header").warn(
                "this rule obeys " + rule.value.name +
                    " from every client, not only from those that `colour` believes",
                "remove the rule, or `" + rule.value.name + "` from colour.accept"
            );
    }
}

std::string match_identity(const match& wish, std::string_view host) {
    std::string out;
    append(out, to_lower(host));
    std::string_view path = wish.path.text;
    if (wish.path.how == path_match::kind::prefix) // whole segments: /foo and /foo/ are one prefix
        while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    out += static_cast<char>('0' + static_cast<int>(wish.path.how));
    append(out, path);
    auto methods = wish.methods;
    std::sort(methods.begin(), methods.end());
    for (const auto& one : methods) append(out, one);
    out += '|';
    append_values(out, wish.headers, true);
    append_values(out, wish.query, false);
    return out;
}

} // namespace adit::model
