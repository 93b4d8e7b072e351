#include "canary/explain.hpp"

#include <array>

namespace adit::canary {

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    return out.append(text).append("\"");
}

std::string_view noun(model::force_rule::subject what) {
    switch (what) {
    case model::force_rule::subject::header: return "header";
    case model::force_rule::subject::cookie: return "cookie";
    case model::force_rule::subject::query: return "query parameter";
    case model::force_rule::subject::source: break;
    }
    return "source";
}

std::string_view noun(model::cohort::key by) {
    switch (by) {
    case model::cohort::key::header: return "header";
    case model::cohort::key::cookie: return "cookie";
    case model::cohort::key::address: break;
    }
    return "address";
}

std::string rule_text(const model::force_rule& wish) {
    std::string out(noun(wish.what));
    if (wish.what == model::force_rule::subject::source) {
        out.append(" in");
        for (const auto& one : wish.source)
            out.append(" ")
                .append(format_ip(one.address))
                .append("/")
                .append(std::to_string(one.address.is_v4() && one.bits >= 96 ? one.bits - 96 : one.bits));
        return out;
    }
    out.append(" ").append(wish.value.name);
    switch (wish.value.how) {
    case model::value_match::kind::exact: return out.append(" is ").append(quoted(wish.value.text));
    case model::value_match::kind::regex: return out.append(" matches ").append(quoted(wish.value.text));
    case model::value_match::kind::present: break;
    }
    return out.append(" is there");
}

std::string
seen_value(const model::force_rule& wish, const http::request_head& head, const ip_address& peer) {
    std::string scratch;
    std::string_view value;
    switch (wish.what) {
    case model::force_rule::subject::header: {
        const auto key =
            wish.nginx_names ? http::field_key::as_nginx(wish.value.name) : http::field_key(wish.value.name);
        const auto* f = http::find_field(head, key);
        value = f ? head.value(*f) : std::string_view{};
        break;
    }
    case model::force_rule::subject::cookie:
        value = wish.nginx_names ? http::find_cookie_as_nginx(head, wish.value.name)
                                 : http::find_cookie(head, wish.value.name);
        break;
    case model::force_rule::subject::query:
        scratch.resize(head.query().size());
        value = http::find_query(head.query(), wish.value.name, scratch);
        break;
    case model::force_rule::subject::source: return format_ip(peer);
    }
    return value.data() ? quoted(value) : "there is none";
}

std::string percent(std::uint32_t part, std::uint32_t total) {
    if (total != model::weight::whole) return std::to_string(part) + " of " + std::to_string(total);
    return model::to_text(model::weight{part}) + " %";
}

std::string range_text(const cuts& now, std::size_t track) {
    if (track == 0) return "the rest";
    const auto range = now.ranges[track];
    if (range.from == range.to) return "";
    return std::to_string(range.from) + "-" + std::to_string(range.to - 1);
}

} // namespace

std::string_view to_text(rule_line::outcome what) noexcept {
    constexpr std::array<std::string_view, 3> words{"matched", "missed", "not reached"};
    return words[static_cast<std::size_t>(what)];
}

class chooser_explainer {
public:
    chooser_explainer(
        const chooser& by, const model::route& route, const http::request_head& head, const ip_address& peer,
        const cuts& now
    )
        : by_(by), route_(route), head_(head), peer_(peer), now_(now) {}

    track_story tell(random_source& random) {
        out_.made = by_.choose(head_, peer_, now_, random);
        out_.track = by_.track_name(out_.made.track);
        out_.killed = now_.killed;
        tell_rules();
        tell_colour();
        tell_pin();
        tell_cohort();
        if (out_.made.why == reason::dice)
            out_.dice = "drew " + std::to_string(out_.made.draw) + " of 0-" + std::to_string(now_.total - 1) +
                        ", which is " + out_.track + "'s";
        for (std::size_t i = 0; i < by_.track_count(); ++i)
            out_.weights.push_back(
                {std::string(by_.track_name(i)), now_.weight_of(i), now_.total, now_.width_of(i),
                 range_text(now_, i)}
            );
        out_.why = sum_up();
        return std::move(out_);
    }

private:
    void tell_rules() {
        bool decided = out_.made.why == reason::pin && by_.pin_->strict;
        for (std::size_t i = 0; i < by_.rules_.size(); ++i) {
            const auto& wish = route_.force[i];
            rule_line line{rule_text(wish), wish.track, rule_line::outcome::not_reached, ""};
            if (!decided) {
                decided = out_.made.rule == i;
                line.what = decided && !out_.made.pattern_error ? rule_line::outcome::matched
                                                                : rule_line::outcome::missed;
                line.found = seen_value(wish, head_, peer_);
                if (decided && out_.made.pattern_error) line.found += ", and the pattern hit its limit";
            }
            out_.force.push_back(std::move(line));
        }
    }

    void tell_colour() {
        const bool has_flag = head_.has(http::field_id::x_canary);
        const bool has_name = head_.has(http::field_id::x_version_route);
        choice strips;
        const auto track = by_.read_colour(head_, peer_, strips);
        auto& text = out_.colour;
        if (!has_flag && !has_name)
            text = "the request carries no colour";
        else if (!by_.colour_.enabled())
            text = "incoming colour is off";
        else if (track)
            text = "asks for " + std::string(by_.track_name(*track)) + " and is believed";
        else
            text = format_ip(peer_) + " is not believed, or the colour names no track of this route";
        if (strips.strip_canary_flag) text += "; X-Canary is removed";
        if (strips.strip_version_route) text += "; X-Version-Route is removed";
    }

    void tell_pin() {
        if (!by_.pin_) return;
        const auto track = by_.read_pin(head_, now_);
        out_.pin = "the cookie " + by_.pin_->cookie +
                   (track ? " pins the request to " + std::string(by_.track_name(*track))
                          : std::string(" pins the request to no track"));
        out_.pin += by_.pin_->strict ? ", before any force rule" : "";
    }

    void tell_cohort() {
        if (!by_.cohort_) {
            out_.cohort = "the route has no cohort: dice for each request";
            return;
        }
        const auto key = by_.read_key(head_, peer_);
        auto& text = out_.cohort;
        text = "key is the ";
        text.append(noun(by_.cohort_->by));
        if (by_.cohort_->by != model::cohort::key::address) text.append(" ").append(by_.cohort_->name.name);
        switch (key.is) {
        case chooser::cohort_key::state::usable: text += ", bucket " + std::to_string(key.bucket); return;
        case chooser::cohort_key::state::absent: text += ", which the request lacks"; break;
        case chooser::cohort_key::state::forged:
            text += ", whose value is not signed with a key of ours";
            break;
        }
        if (out_.made.issue_cookie)
            text += ": issued anew, bucket " + std::to_string(out_.made.bucket);
        else if (!by_.cohort_->issue)
            text += ": dice";
    }

    std::string sum_up() const {
        const auto& made = out_.made;
        const auto share = percent(made.weight, made.total);
        switch (made.why) {
        case reason::only: return "stable, for no other track has weight";
        case reason::force_header:
        case reason::force_cookie:
        case reason::force_query:
        case reason::force_source:
            if (made.pattern_error)
                return "stable, for the pattern of force rule " + std::to_string(made.rule + 1) +
                       " hit its limit";
            return out_.track + " by force rule " + std::to_string(made.rule + 1);
        case reason::colour: return out_.track + " by incoming colour";
        case reason::cohort:
            return out_.track + ", for bucket " + std::to_string(made.bucket) + " is in its range (" +
                   range_text(now_, made.track) + "; " + share + ")";
        case reason::dice: return out_.track + " by dice (" + share + ")";
        case reason::pin: return out_.track + ", which the cookie " + by_.pin_->cookie + " pins it to";
        case reason::killed: break;
        }
        return "stable, for the kill switch is on";
    }

    const chooser& by_;
    const model::route& route_;
    const http::request_head& head_;
    const ip_address& peer_;
    const cuts& now_;
    track_story out_;
};

track_story explain(
    const chooser& by, const model::route& route, const http::request_head& head, const ip_address& peer,
    const cuts& now, random_source& random
) {
    return chooser_explainer(by, route, head, peer, now).tell(random);
}

} // namespace adit::canary
