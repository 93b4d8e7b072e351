#include "source/ingress/canary.hpp"

#include "core/bytes.hpp"
#include "core/pattern.hpp"
#include "model/grammar.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace adit::source::ingress {

namespace {

constexpr std::int64_t largest_total = 1'000'000'000; // a draw has 32 bits
constexpr std::string_view always = "always", never = "never";

share to_share(std::int64_t part, std::int64_t total) {
    if (total > largest_total) {
        const auto scale = static_cast<long double>(largest_total) / static_cast<long double>(total);
        const bool some = part > 0, all = part >= total;
        part = all ? largest_total
                   : static_cast<std::int64_t>(std::llround(static_cast<long double>(part) * scale));
        if (some && part == 0) part = 1;
        total = largest_total;
    }
    part = std::clamp<std::int64_t>(part, 0, total);
    return {static_cast<std::uint32_t>(part), static_cast<std::uint32_t>(total)};
}

share read_weight(const annotation_reader& from, const options& by) {
    const auto ignored = [&](std::string_view name, std::string_view value, const std::string& instead) {
        from.warn(
            name, '`' + std::string(value) + "` is no number, so it counts as " + instead,
            "digits only, no blanks and no %"
        );
    };
    std::int64_t total = 100;
    if (const auto written = from.raw("canary-weight-total"); written && !written->empty()) {
        const auto number = go_atoi(*written);
        if (!number) ignored("canary-weight-total", *written, "100");
        if (number && *number < 100)
            from.warn(
                "canary-weight-total",
                "ingress-nginx takes every total below 100 for 100" +
                    std::string(by.strict() || *number < 1 ? "" : "; here it is what it says"),
                "write the weight in percent"
            );
        if (number && (*number > 100 || (!by.strict() && *number >= 1))) total = *number;
    }
    const auto written = from.raw("canary-weight");
    if (!written || written->empty()) return {0, to_share(0, total).total};
    if (const auto number = go_atoi(*written)) {
        if (*number > total)
            from.warn("canary-weight", "the weight is larger than the total, so every request is drawn");
        return to_share(*number, total);
    }
    const auto fraction = by.strict() ? std::nullopt : parse_fraction(*written);
    if (!fraction) return ignored("canary-weight", *written, "0"), share{0, to_share(0, total).total};
    from.warn(
        "canary-weight",
        "ingress-nginx knows whole numbers only, and takes `" + std::string(*written) + "` for 0"
    );
    if (total > INT64_MAX / fraction->scale) return to_share(fraction->part / fraction->scale, total);
    return to_share(fraction->part, total * fraction->scale);
}

// Of header and cookie: what does not fit the charset is dropped.
std::string
read_text(const annotation_reader& from, std::string_view name, bool (*fits)(std::string_view) noexcept) {
    const auto raw = from.raw(name);
    if (!raw || raw->empty()) return {};
    if (!fits(*raw)) {
        from.warn(
            name, "the value has a character that ingress-nginx does not allow there, so it is ignored",
            fits == is_pattern ? "letters, digits and /-._~:^$[](){}*+?|&=\\"
                               : "letters, digits, blanks and /-._~:"
        );
        return {};
    }
    return from.text(name).value_or("");
}

// Every other character keeps nginx from ever finding such a header: it drops the request's.
bool may_be_sent(std::string_view header) {
    return std::all_of(header.begin(), header.end(), [](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

model::force_rule rule_of(
    model::force_rule::subject what, const std::string& name, model::value_match::kind how, std::string text,
    std::string track
) {
    model::force_rule out;
    out.what = what;
    out.value = {name, how, std::move(text)};
    out.track = std::move(track);
    out.nginx_names = true;
    return out;
}

} // namespace

canary_wish read_canary(const annotation_reader& from, const options& by) {
    canary_wish out;
    const auto enabled = from.flag("canary");
    out.enabled = enabled.value_or(false);
    out.weight = read_weight(from, by);
    out.header = read_text(from, "canary-by-header", &is_basic);
    out.header_value = read_text(from, "canary-by-header-value", &is_basic);
    out.header_pattern = read_text(from, "canary-by-header-pattern", &is_pattern);
    out.cookie = read_text(from, "canary-by-cookie", &is_basic);
    const auto behaviour = from.text("affinity-canary-behavior").value_or("");
    out.legacy_affinity = behaviour == "legacy";
    if (!behaviour.empty() && !out.legacy_affinity && behaviour != "sticky")
        from.warn("affinity-canary-behavior", '`' + behaviour + "` is ignored", "sticky or legacy");
    const bool speaks = from.has("canary") || out.weight.part > 0 || out.forces() ||
                        !out.header_value.empty() || !out.header_pattern.empty();
    out.switched_off = !out.enabled && speaks;
    if (out.switched_off && !from.has("canary"))
        from.warn("canary", "this is an ordinary Ingress, for it does not say canary: \"true\"");
    if (!out.enabled) return out;
    if (out.header.empty() && (!out.header_value.empty() || !out.header_pattern.empty()))
        from.warn("canary-by-header", "without it a value or a pattern means nothing");
    if (!out.header.empty() && !may_be_sent(out.header)) {
        from.warn(
            "canary-by-header", '`' + out.header + "` cannot be the name of a header, so no request matches"
        );
        out.header.clear();
    }
    if (!out.cookie.empty() && !model::is_token(out.cookie)) {
        from.warn(
            "canary-by-cookie", '`' + out.cookie + "` cannot be the name of a cookie, so no request matches"
        );
        out.cookie.clear();
    }
    if (!out.header.empty() && out.header_value.empty() && !out.header_pattern.empty()) {
        const auto compiled = pattern::compile(out.header_pattern);
        if (const auto* failed = std::get_if<pattern::failure>(&compiled))
            from.warn(
                "canary-by-header-pattern",
                "the pattern does not compile, so every request with the header goes to stable: " +
                    failed->message + " at byte " + std::to_string(failed->offset)
            );
    }
    return out;
}

void add_force_rules(
    const canary_wish& of, const std::string& track, const std::string& ingress,
    std::vector<model::force_rule>& out
) {
    using subject = model::force_rule::subject;
    using kind = model::value_match::kind;
    const auto add = [&](model::force_rule rule, const char* annotation) {
        rule.annotation = annotation;
        rule.ingress = ingress;
        out.push_back(std::move(rule));
    };
    const auto add_words = [&](subject what, const std::string& name, const char* annotation) {
        add(rule_of(what, name, kind::exact, std::string(always), track), annotation);
        add(rule_of(what, name, kind::exact, std::string(never), "stable"), annotation);
    };
    constexpr auto by_pattern = "canary-by-header-pattern";
    for (auto rule : of.rules) {
        rule.track = track;
        add(std::move(rule), "adit.dev/force");
    }
    if (!of.header.empty()) {
        if (!of.header_value.empty()) {
            add(rule_of(subject::header, of.header, kind::exact, of.header_value, track),
                "canary-by-header-value");
        } else if (of.header_pattern.empty()) {
            add_words(subject::header, of.header, "canary-by-header");
        } else if (std::holds_alternative<pattern>(pattern::compile(of.header_pattern))) {
            auto rule = rule_of(subject::header, of.header, kind::regex, of.header_pattern, track);
            rule.error_is_stable = true;
            add(std::move(rule), by_pattern);
        } else {
            add(rule_of(subject::header, of.header, kind::present, {}, "stable"), by_pattern);
        }
    }
    if (!of.cookie.empty()) add_words(subject::cookie, of.cookie, "canary-by-cookie");
}

bool set_weights(std::span<const share> wished, model::route& to) {
    std::uint64_t total = 1;
    for (const auto& one : wished) {
        total = std::lcm(total, std::uint64_t{one.total});
        if (total > std::uint64_t{largest_total}) break;
    }
    if (total > std::uint64_t{largest_total}) total = std::uint64_t{largest_total};
    std::uint64_t left = total;
    std::uint32_t left_hundredths = model::weight::whole;
    bool fits = true;
    for (std::size_t i = 0; i < wished.size() && i + 1 < to.tracks.size(); ++i) {
        auto part = std::uint64_t{wished[i].part} * total / wished[i].total;
        if (part == 0 && wished[i].part != 0) part = 1;
        fits = fits && part <= left;
        part = std::min(part, left);
        left -= part;
        auto& track = to.tracks[i + 1];
        track.parts = static_cast<std::uint32_t>(part);
        // What the admin API shows: to 0.01 %, but neither nothing nor everything where it is not.
        auto shown = (part * model::weight::whole + total / 2) / total;
        if (part != 0 && shown == 0) shown = 1;
        if (part != total && shown == model::weight::whole) --shown;
        track.weight.hundredths = std::min(static_cast<std::uint32_t>(shown), left_hundredths);
        left_hundredths -= track.weight.hundredths;
    }
    to.parts_total = static_cast<std::uint32_t>(total);
    if (model::weight::whole % total == 0) to.parts_total = 0; // hundredths say it as well
    return fits;
}

} // namespace adit::source::ingress
