// Which track a request goes to. Order: force rules as written, incoming colour, the track that a sticky
// cookie pins (before these where it is strict), then cohort or dice.
#pragma once

#include "canary/cohort_cookie.hpp"
#include "canary/cuts.hpp"
#include "core/complaint.hpp"
#include "core/ip.hpp"
#include "core/random.hpp"
#include "http/values.hpp"
#include "model/route.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace adit::canary {

enum class reason : std::uint8_t {
    only, // no other track has weight
    force_header,
    force_cookie,
    force_query,
    force_source,
    colour, // X-Version-Route or X-Canary of a source that may ask
    cohort, // by the bucket of the user's key
    dice,   // drawn for this request
    killed, // would have been drawn, but the kill switch is on
    pin,    // by the cookie that keeps it on its endpoint
};
inline constexpr std::size_t reason_count = 10;
// "only", "force-header" …: for logs, metrics and explain.
std::string_view to_text(reason why) noexcept;

inline constexpr std::uint16_t no_rule = 0xffff;
inline constexpr std::uint16_t no_bucket = 0xffff;

struct choice {
    std::uint8_t track = 0; // in model::route::tracks
    reason why = reason::only;
    bool randomised = false;          // by cohort or dice: only these requests may be compared between tracks
    bool issue_cookie = false;        // `cookie` is to be sent: write_set_cookie()
    bool strip_canary_flag = false;   // X-Canary must not reach the upstream
    bool strip_version_route = false; // nor X-Version-Route
    bool pattern_error = false;       // of the rule that decided: stable, because its pattern hit a limit
    std::uint16_t rule = no_rule;     // index in model::route::force
    std::uint16_t bucket = no_bucket; // by cohort
    std::uint32_t draw = 0;           // by dice: from [0, total)
    // What the track had when this request came: weight / total is the chance of a randomised request to get
    // it. In buckets where the choice is by cohort.
    std::uint32_t weight = 0;
    std::uint32_t total = 0;
    std::uint64_t generation = 0; // of the cuts
    cookie_value cookie{};        // meaningful with issue_cookie
};

// Bucket of a key, the same on every replica and for ever: XXH64(key, seed XXH64(salt, seed 0)) mod 10000.
std::uint64_t salt_seed(std::string_view salt) noexcept;
std::uint16_t bucket_of(std::uint64_t seed, std::string_view key) noexcept;

class chooser {
public:
    static constexpr std::size_t max_cookie_name = 64;
    static constexpr std::size_t set_cookie_capacity = 256; // enough for write_set_cookie()

    // `default_colour` counts where the route has none of its own. A colour header that is not accepted is to
    // be stripped, unless a rule, condition or cohort of the route names it; a route that neither sends nor
    // accepts colour leaves both alone. Without keys no cookie is issued or believed. What does not compile
    // (pattern, unknown track) is added to `found`; nullopt if there is any.
    static std::optional<chooser> compile(
        const model::route& route, const model::colour& default_colour,
        std::shared_ptr<const cookie_keys> keys, complaints& found
    );

    // `now` are the cuts of this route. One draw at most, and only where some track has weight.
    choice choose(
        const http::request_head& head, const ip_address& peer, const cuts& now, random_source& random
    ) const noexcept;

    // Value of the Set-Cookie field for a choice with issue_cookie; a view of `out`, empty where it is too
    // small.
    std::string_view write_set_cookie(const choice& made, std::span<char> out, bool secure) const noexcept;

    std::string_view track_name(std::size_t track) const noexcept { return names_[track]; }
    std::size_t track_count() const noexcept { return names_.size(); }

private:
    friend class chooser_explainer;

    struct rule {
        model::force_rule::subject what;
        std::uint8_t track;
        http::field_key name;
        text_test test;
        std::vector<ip_prefix> source;
        bool nginx_names;
        bool error_is_stable;
    };
    struct cohort_plan {
        model::cohort::key by;
        http::field_key name;
        std::uint64_t seed;
        bool issue;
        bool signed_only;
    };
    // The cookie of balance.sticky, where it pins tracks.
    struct pin_plan {
        std::string cookie;
        bool strict = false;
        std::vector<std::string> tags; // by track; empty = no cookie pins to it
    };
    // What the request says about who it is. `absent`: nothing; `forged`: a signature that is not ours, or a
    // value that nobody signed where signed_only asks for it.
    struct cohort_key {
        enum class state : std::uint8_t { usable, absent, forged };
        state is = state::absent;
        std::uint16_t bucket = no_bucket;
    };

    static constexpr std::string_view set_cookie_attributes =
        "; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"; // a year

    chooser() = default;

    pattern::verdict
    ask(const rule& one, const http::request_head& head, const ip_address& peer) const noexcept;
    // True when a rule decides: then `out` says which, and what the request gets.
    bool follow_rules(const http::request_head& head, const ip_address& peer, const cuts& now, choice& out)
        const noexcept;
    // Also decides what is to be stripped. nullopt: no colour that counts.
    std::optional<std::uint8_t>
    read_colour(const http::request_head& head, const ip_address& peer, choice& out) const noexcept;
    // nullopt: it is pinned to no track, or not to be heeded since the kill switch is on.
    std::optional<std::uint8_t> read_pin(const http::request_head& head, const cuts& now) const noexcept;
    cohort_key read_key(const http::request_head& head, const ip_address& peer) const noexcept;
    void randomise(
        const http::request_head& head, const ip_address& peer, const cuts& now, random_source& random,
        choice& out
    ) const noexcept;
    void place_by_bucket(std::uint16_t bucket, const cuts& now, choice& out) const noexcept;
    void draw(const cuts& now, random_source& random, choice& out) const noexcept;

    std::vector<std::string> names_;
    std::vector<rule> rules_;
    std::optional<cohort_plan> cohort_;
    std::optional<pin_plan> pin_;
    model::colour colour_;
    std::uint8_t flag_track_ = 0;     // of X-Canary: true
    bool strips_canary_flag_ = false; // when it is not accepted
    bool strips_version_route_ = false;
    std::shared_ptr<const cookie_keys> keys_;
};

} // namespace adit::canary
