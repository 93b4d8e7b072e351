#include "canary/choose.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace adit::canary {

namespace {

// A value that is written on exactly one line; null view otherwise.
std::string_view single_value(const http::head& message, http::field_id id) noexcept {
    std::string_view out;
    for (const auto& f : message.fields()) {
        if (f.id != id || !http::is_visible(f)) continue;
        if (out.data()) return {};
        out = message.value(f);
    }
    return out;
}

reason forced_by(model::force_rule::subject what) noexcept {
    switch (what) {
    case model::force_rule::subject::header: return reason::force_header;
    case model::force_rule::subject::cookie: return reason::force_cookie;
    case model::force_rule::subject::query: return reason::force_query;
    case model::force_rule::subject::source: break;
    }
    return reason::force_source;
}

bool any_contains(const std::vector<ip_prefix>& list, const ip_address& peer) noexcept {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.contains(peer); });
}

void take(choice& out, std::uint8_t track, reason why, const cuts& now) noexcept {
    out.track = track;
    out.why = why;
    out.weight = now.weight_of(track);
    out.total = now.total;
}

} // namespace

std::string_view to_text(reason why) noexcept {
    constexpr std::array<std::string_view, reason_count> words{
        "only",   "force-header", "force-cookie", "force-query", "force-source",
        "colour", "cohort",       "dice",         "killed",      "pin"};
    return words[static_cast<std::size_t>(why)];
}

std::uint64_t salt_seed(std::string_view salt) noexcept {
    return XXH64(salt.data(), salt.size(), 0);
}

std::uint16_t bucket_of(std::uint64_t seed, std::string_view key) noexcept {
    return static_cast<std::uint16_t>(XXH64(key.data(), key.size(), seed) % bucket_count);
}

choice chooser::choose(
    const http::request_head& head, const ip_address& peer, const cuts& now, random_source& random
) const noexcept {
    choice out;
    out.generation = now.generation;
    const auto coloured = read_colour(head, peer, out);
    const auto pinned = pin_ ? read_pin(head, now) : std::nullopt;
    if (pinned && pin_->strict) return take(out, *pinned, reason::pin, now), out;
    if (follow_rules(head, peer, now, out)) return out;
    if (coloured) {
        take(out, *coloured, reason::colour, now);
    } else if (pinned) {
        take(out, *pinned, reason::pin, now);
    } else if (!now.any_weight()) {
        take(out, 0, reason::only, now);
    } else if (now.killed) {
        take(out, 0, reason::killed, now);
    } else {
        randomise(head, peer, now, random, out);
    }
    return out;
}

void chooser::randomise(
    const http::request_head& head, const ip_address& peer, const cuts& now, random_source& random,
    choice& out
) const noexcept {
    out.randomised = true;
    if (!cohort_) return draw(now, random, out);
    const auto key = read_key(head, peer);
    if (key.is == cohort_key::state::usable) return place_by_bucket(key.bucket, now, out);
    if (!cohort_->issue) return draw(now, random, out);
    out.issue_cookie = true;
    out.cookie = issue_cookie(*keys_, random.next(), static_cast<std::uint32_t>(random.next() >> 32));
    const auto id = cookie_id({out.cookie.data(), out.cookie.size()});
    place_by_bucket(bucket_of(cohort_->seed, id), now, out);
}

pattern::verdict
chooser::ask(const rule& one, const http::request_head& head, const ip_address& peer) const noexcept {
    const auto as_verdict = [](bool good) {
        return good ? pattern::verdict::match : pattern::verdict::no_match;
    };
    switch (one.what) {
    case model::force_rule::subject::header: return http::ask_field(head, one.name, one.test);
    case model::force_rule::subject::cookie:
        return one.test.ask(
            one.nginx_names ? http::find_cookie_as_nginx(head, one.name.name)
                            : http::find_cookie(head, one.name.name)
        );
    case model::force_rule::subject::query:
        return as_verdict(http::test_query(head.query(), one.name.name, one.test));
    case model::force_rule::subject::source: break;
    }
    return as_verdict(any_contains(one.source, peer));
}

bool chooser::follow_rules(
    const http::request_head& head, const ip_address& peer, const cuts& now, choice& out
) const noexcept {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const auto& one = rules_[i];
        const auto verdict = ask(one, head, peer);
        if (verdict == pattern::verdict::no_match) continue;
        const bool failed = verdict == pattern::verdict::error;
        if (failed && !one.error_is_stable) continue;
        out.rule = static_cast<std::uint16_t>(i);
        out.pattern_error = failed;
        take(out, failed ? std::uint8_t{0} : one.track, forced_by(one.what), now);
        return true;
    }
    return false;
}

std::optional<std::uint8_t>
chooser::read_colour(const http::request_head& head, const ip_address& peer, choice& out) const noexcept {
    const bool has_flag = head.has(http::field_id::x_canary);
    const bool has_name = head.has(http::field_id::x_version_route);
    if (!has_flag && !has_name) return std::nullopt;
    const bool believed = any_contains(colour_.from, peer);
    const bool takes_flag = believed && colour_.accept_canary_flag;
    const bool takes_name = believed && colour_.accept_version_route;
    out.strip_canary_flag = has_flag && !takes_flag && strips_canary_flag_;
    out.strip_version_route = has_name && !takes_name && strips_version_route_;
    if (takes_name) {
        const auto name = single_value(head, http::field_id::x_version_route);
        const auto at = std::find(names_.begin(), names_.end(), name);
        if (at != names_.end()) return static_cast<std::uint8_t>(at - names_.begin());
    }
    if (takes_flag && flag_track_ != 0 && single_value(head, http::field_id::x_canary) == "true")
        return flag_track_;
    return std::nullopt;
}

// Who is pinned to stable needs no weight to be there, nor does whoever is pinned to a canary that has none
// any more; but a kill takes everybody from a canary.
std::optional<std::uint8_t>
chooser::read_pin(const http::request_head& head, const cuts& now) const noexcept {
    const auto value = http::find_cookie(head, pin_->cookie);
    const auto bar = value.find('|');
    if (bar == std::string_view::npos) return std::nullopt;
    const auto tag = value.substr(bar + 1);
    if (tag.empty()) return std::nullopt;
    const auto at = std::find(pin_->tags.begin(), pin_->tags.end(), tag);
    if (at == pin_->tags.end()) return std::nullopt;
    const auto track = static_cast<std::uint8_t>(at - pin_->tags.begin());
    if (track != 0 && now.killed) return std::nullopt;
    return track;
}

chooser::cohort_key chooser::read_key(const http::request_head& head, const ip_address& peer) const noexcept {
    const auto usable = [this](std::string_view key) {
        return cohort_key{cohort_key::state::usable, bucket_of(cohort_->seed, key)};
    };
    if (cohort_->by == model::cohort::key::address)
        return usable({reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size()});
    if (cohort_->by == model::cohort::key::header) {
        const auto* f = http::find_field(head, cohort_->name);
        return f && f->value_size ? usable(head.value(*f)) : cohort_key{};
    }
    const auto value = http::find_cookie(head, cohort_->name.name);
    if (value.empty()) return {};
    if (has_cookie_form(value)) {
        if (keys_ && is_signed(*keys_, value)) return usable(cookie_id(value));
    } else if (!cohort_->signed_only) {
        return usable(value);
    }
    return {cohort_key::state::forged, no_bucket};
}

void chooser::place_by_bucket(std::uint16_t bucket, const cuts& now, choice& out) const noexcept {
    out.bucket = bucket;
    out.track = now.by_bucket(bucket);
    out.why = reason::cohort;
    out.weight = now.width_of(out.track);
    out.total = bucket_count;
}

void chooser::draw(const cuts& now, random_source& random, choice& out) const noexcept {
    out.draw = random.below(now.total);
    take(out, now.by_draw(out.draw), reason::dice, now);
}

std::string_view
chooser::write_set_cookie(const choice& made, std::span<char> out, bool secure) const noexcept {
    if (!cohort_ || !made.issue_cookie) return {};
    const std::array<std::string_view, 5> parts{
        cohort_->name.name,
        "=",
        {made.cookie.data(), made.cookie.size()},
        set_cookie_attributes,
        secure ? "; Secure" : ""};
    std::size_t size = 0;
    for (const auto part : parts) {
        if (part.size() > out.size() - size) return {};
        size += part.copy(out.data() + size, part.size());
    }
    return {out.data(), size};
}

} // namespace adit::canary
