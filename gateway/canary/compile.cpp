// From a route to its chooser.
#include "canary/choose.hpp"
#include "model/value_test.hpp"

#include <algorithm>

namespace adit::canary {

namespace {

class route_complaints {
public:
    route_complaints(const model::route& route, complaints& found)
        : route_(route), found_(found), before_(found.size()) {}

    void add(const place& at, const std::string& key, std::string message, std::string hint) {
        found_.push_back(
            {complaint::severity::error, at, "routes." + route_.name + "." + key, std::move(message),
             std::move(hint)}
        );
    }
    bool any() const { return found_.size() != before_; }

private:
    const model::route& route_;
    complaints& found_;
    std::size_t before_;
};

std::optional<std::uint8_t> track_number(const model::route& route, std::string_view name) {
    const auto* track = route.find_track(name);
    if (!track) return std::nullopt;
    return static_cast<std::uint8_t>(track - route.tracks.data());
}

std::optional<text_test>
compile_test(const model::force_rule& wish, const std::string& key, route_complaints& found) {
    if (wish.what == model::force_rule::subject::source) return text_test::present();
    auto compiled = model::compile(wish.value);
    if (auto* test = std::get_if<text_test>(&compiled)) return std::move(*test);
    const auto& why = std::get<pattern::failure>(compiled);
    found.add(
        wish.at, key,
        "the pattern \"" + wish.value.text + "\" does not compile: " + why.message + " at byte " +
            std::to_string(why.offset),
        "patterns are Perl-compatible (PCRE2)"
    );
    return std::nullopt;
}

// Does anything in the route itself look at that header?
bool names_header(const model::route& route, std::string_view name) {
    const auto is_it = [name](const model::value_match& one) { return iequals(one.name, name); };
    const auto rule_is = [&](const model::force_rule& one) {
        return one.what == model::force_rule::subject::header && is_it(one.value);
    };
    return std::any_of(route.match.headers.begin(), route.match.headers.end(), is_it) ||
           std::any_of(route.force.begin(), route.force.end(), rule_is) ||
           (route.cohort && route.cohort->by == model::cohort::key::header &&
            iequals(route.cohort->name, name));
}

// The track of `X-Canary: true`; 0 where there is none but stable.
std::uint8_t canary_track(const model::route& route) {
    if (const auto named = track_number(route, "canary")) return *named;
    return route.tracks.size() > 1 ? 1 : 0;
}

} // namespace

std::optional<chooser> chooser::compile(
    const model::route& route, const model::colour& default_colour, std::shared_ptr<const cookie_keys> keys,
    complaints& all_found
) {
    route_complaints found(route, all_found);
    chooser out;
    if (route.tracks.empty() || route.tracks.size() > model::max_tracks)
        found.add(
            route.at, "tracks", "a route has 1 to " + std::to_string(model::max_tracks) + " tracks",
            "the first one is stable"
        );
    for (const auto& one : route.tracks) out.names_.push_back(one.name);
    if (route.force.size() >= no_rule) found.add(route.at, "force", "there are too many force rules", "");
    for (std::size_t i = 0; i < route.force.size(); ++i) {
        const auto& wish = route.force[i];
        const auto key = "force[" + std::to_string(i) + "]";
        const auto track = track_number(route, wish.track);
        if (!track) found.add(wish.at, key + ".track", "there is no track \"" + wish.track + "\"", "");
        auto test = compile_test(wish, key, found);
        if (track && test)
            out.rules_.push_back(
                {wish.what, *track,
                 wish.nginx_names && wish.what == model::force_rule::subject::header
                     ? http::field_key::as_nginx(wish.value.name)
                     : http::field_key(wish.value.name),
                 std::move(*test), wish.source, wish.nginx_names, wish.error_is_stable}
            );
    }
    if (keys && keys->keys.empty()) keys = nullptr;
    if (keys && !prepare_cookies())
        found.add(route.at, "cohort", "libsodium does not start on this system", "");
    out.keys_ = std::move(keys);
    if (const auto& wish = route.cohort) {
        const bool issue = wish->issue && wish->by == model::cohort::key::cookie && out.keys_;
        if (issue && wish->name.size() > max_cookie_name)
            found.add(
                route.at, "cohort.cookie", "the name of a cookie that Adit issues has at most 64 bytes",
                "use a shorter one, such as adit"
            );
        out.cohort_ = cohort_plan{
            wish->by, http::field_key(wish->name), salt_seed(wish->salt.empty() ? route.name : wish->salt),
            issue, wish->signed_only};
    }
    if (const auto& wish = route.balance.sticky; wish && wish->pins != model::sticky::pin::none) {
        out.pin_ = pin_plan{wish->cookie, wish->pins == model::sticky::pin::strict, {}};
        for (const auto& one : route.tracks) out.pin_->tags.emplace_back(route.sticky_tag_of(one));
    }
    out.colour_ = route.incoming_colour.value_or(default_colour);
    out.flag_track_ = canary_track(route);
    const bool strips = route.send_colour || out.colour_.enabled();
    out.strips_canary_flag_ = strips && !names_header(route, "X-Canary");
    out.strips_version_route_ = strips && !names_header(route, "X-Version-Route");
    if (found.any()) return std::nullopt;
    return out;
}

} // namespace adit::canary
