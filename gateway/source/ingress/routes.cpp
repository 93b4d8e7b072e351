#include "source/ingress/routes.hpp"

#include "core/pattern.hpp"
#include "model/grammar.hpp"
#include "model/validate.hpp"
#include "source/ingress/endpoints.hpp"

#include <md5.h>

#include <algorithm>
#include <array>

namespace adit::source::ingress {

namespace {

using kind = model::path_match::kind;

constexpr std::string_view challenge_path = "/.well-known/acme-challenge"; // asked for in clear

std::optional<std::string> check_pattern(std::string_view text) {
    const auto got = pattern::compile(text);
    const auto* failed = std::get_if<pattern::failure>(&got);
    if (!failed) return std::nullopt;
    return failed->message + " at byte " + std::to_string(failed->offset);
}

std::string md5_hex(std::string_view text) {
    std::array<char, MD5_DIGEST_STRING_LENGTH> out{};
    MD5Data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(), out.data());
    return out.data();
}

// '$' begins a variable in templates.
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) out.append(c == '$' ? 2 : 1, c);
    return out;
}

bool is_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

// One location after the other.
class maker {
public:
    maker(const std::string& host, const server& of, const route_context& in, std::vector<model::route>& into)
        : host_(host), server_(of), in_(in), into_(into), regex_(of.is_regex()) {}

    void make() {
        if (host_ != any_host)
            if (const auto why = model::check_host_pattern(host_)) {
                const auto* owner = server_.locations.front().owner;
                return complain(*owner, "the host `" + host_ + "` is left out: " + why->message);
            }
        for (const auto& one : server_.locations)
            if (one.owner) add(one);
    }

private:
    void complain(const item& of, std::string message, std::string hint = {}) const {
        in_.out.push_back(
            {complaint::severity::error, of.meta().at, "Ingress " + of.meta().key(), std::move(message),
             std::move(hint)}
        );
    }
    void warn(const item& of, std::string message, std::string hint = {}) const {
        complain(of, std::move(message), std::move(hint));
        in_.out.back().level = complaint::severity::warning;
    }

    bool has(std::string_view path, bool exact) const {
        return std::any_of(server_.locations.begin(), server_.locations.end(), [&](const location& one) {
            return one.path == path && one.exact == exact && (!one.is_default || one.backend);
        });
    }

    void add(const location& of) {
        const auto& wants = *of.owner->wants;
        model::route made = wants.common;
        made.name = of.route_name();
        made.counted_as = of.owner->meta().key();
        // Nobody is to flip between two paths of one Ingress.
        if (made.cohort && made.cohort->salt.empty()) made.cohort->salt = made.counted_as;
        if (host_ != any_host) {
            made.match.hosts.push_back(host_);
            made.match.hosts.insert(made.match.hosts.end(), server_.aliases.begin(), server_.aliases.end());
        }
        if (!set_path(of, made)) return;
        set_https(of, made);
        if (!wants.app_root.empty() && of.path == "/" && !made.policies.redirect) {
            auto& root = made.policies.redirect.emplace();
            root.to =
                wants.app_root.starts_with('/') ? "$scheme://$authority" + wants.app_root : wants.app_root;
            root.path = "/";
        }
        if (!of.backend && !made.policies.redirect) return; // 404, as for whatever has no route
        set_rewrite(of, made);
        set_tracks(of, made);
        set_errors(of, made);
        if (!of.backend && made.policies.redirect->path == "/") { // nothing but "/" is anybody's
            made.match.path = {kind::exact, "/"};
            made.policies.redirect->path.clear();
        }
        const auto name = made.name;
        if (!join(of, std::move(made))) return;
        if (in_.by.strict() && !regex_) add_slash(of, name);
    }

    bool set_path(const location& of, model::route& made) {
        made.match.path.text = of.path;
        if (!regex_) {
            made.match.path.how = of.exact ? kind::exact : kind::prefix;
            // Beside "/foo/" only the path itself is left to "/foo".
            if (!of.exact && of.path != "/" && has(of.path + '/', false)) {
                made.match.path.how = kind::exact;
                if (has(of.path, true)) return false;
            }
            return true;
        }
        made.match.path.how = kind::regex;
        if (!met_patterns_.insert(of.path).second) return false; // the first one of a text is met first
        if (const auto wrong = check_pattern(of.path)) {
            complain(
                *of.owner,
                "the path " + of.path + " of " + host_ +
                    " is no regular expression, so it is left out: " + *wrong,
                asks_for_regex(of) ? "" : "another path of the host makes all of them regular expressions"
            );
            return false;
        }
        return true;
    }

    void set_https(const location& of, model::route& made) const {
        const auto& wants = *of.owner->wants;
        const bool has_tls = in_.hosts_with_tls.contains(host_);
        if ((wants.force_ssl_redirect || (has_tls && wants.ssl_redirect)) &&
            !of.path.starts_with(challenge_path))
            made.https.redirect = in_.base.redirect_code;
        if (has_tls) made.https.hsts = in_.base.hsts;
    }

    void set_rewrite(const location& of, model::route& made) const {
        const auto& wants = *of.owner->wants;
        auto to = wants.rewrite_target;
        if (to.empty() || to == of.path || !regex_) return;
        if (is_url(to)) {
            if (made.policies.redirect) return;
            made.policies.redirect.emplace().to = std::move(to);
            return;
        }
        if (!to.starts_with('/') && !to.starts_with('$')) to.insert(0, 1, '/');
        auto& rewrite = made.policies.rewrite.emplace();
        rewrite.how = model::rewrite::kind::regex;
        rewrite.to = std::move(to);
        rewrite.forwarded_prefix = wants.forwarded_prefix;
    }

    model::track track_of(const item& by, const service_ref& to, std::string name) const {
        model::track out;
        out.name = std::move(name);
        out.endpoints = endpoints_of(in_.objects, to, by.wants->service_upstream, in_.by);
        out.upstream =
            to.service_key() + ':' + to.port.text() + (by.wants->service_upstream ? " as one" : "");
        out.at = by.meta().at;
        return out;
    }

    void set_tracks(const location& of, model::route& made) const {
        const auto& wants = *of.owner->wants;
        if (!of.backend) {
            made.tracks.emplace_back().name = "stable";
            return;
        }
        made.tracks.push_back(track_of(*of.owner, *of.backend, "stable"));
        made.requires_stable = in_.by.strict();
        if (wants.sticky) {
            made.balance.sticky = wants.sticky;
            if (made.balance.sticky->path.empty()) made.balance.sticky->path = of.path;
            if (made.balance.by == model::balance::method::hash)
                made.balance.by = model::balance::method::round_robin;
            made.tracks.front().sticky_tag = backend_key(of.backend->upstream_name());
        }
        std::vector<share> shares;
        for (const auto& one : of.canaries) {
            const auto number = made.tracks.size();
            const auto name = number == 1 ? "canary" : "canary-" + std::to_string(number);
            made.tracks.push_back(track_of(*one.of, one.to, name));
            auto& track = made.tracks.back();
            auto balance = one.of->wants->common.balance;
            if (made.balance.sticky) {
                balance.by = made.balance.by;
                if (!one.policy->legacy_affinity) {
                    balance.sticky = made.balance.sticky;
                    track.sticky_tag = backend_key(one.to.upstream_name());
                }
            }
            if (balance != made.balance) track.balance = std::move(balance);
            track.request_headers = one.policy->track.request_headers;
            track.response_headers = one.policy->track.response_headers;
            track.ingress = one.of->meta().key();
            add_force_rules(*one.policy, name, track.ingress, made.force);
            shares.push_back(one.policy->weight);
        }
        if (wants.upstream_tls)
            for (auto& one : made.tracks) one.tls = wants.upstream_tls;
        if (!set_weights(shares, made))
            warn(
                *of.canaries.back().of,
                "the weights of all canaries of " + made.name + " are more than the whole together"
            );
        drop_rules_of_nobody(of, made);
        tell_lonely(of, made);
    }

    // A canary comes and goes; the route that speaks of it stays.
    void drop_rules_of_nobody(const location& of, model::route& made) const {
        const auto dropped = std::erase_if(made.force, [&](const model::force_rule& rule) {
            return std::none_of(made.tracks.begin(), made.tracks.end(), [&](const auto& track) {
                return track.name == rule.track;
            });
        });
        if (dropped != 0)
            warn(
                *of.owner,
                "force rules of " + made.name + " name a track that is not there now, and wait for it"
            );
    }

    void tell_lonely(const location& of, const model::route& made) const {
        if (in_.by.strict() || !made.tracks.front().endpoints.empty()) return;
        for (std::size_t i = 1; i < made.tracks.size(); ++i)
            if (!made.tracks[i].endpoints.empty())
                return warn(
                    *of.owner,
                    of.backend->service_key() +
                        " has no endpoint; ingress-nginx would answer 503 even to requests that were "
                        "chosen for the canary, which here are served (ingress-nginx#9635, #13086)"
                );
    }

    void set_errors(const location& of, model::route& made) const {
        const auto& wants = *of.owner->wants;
        if (!of.backend) return;
        const auto own = wants.default_backend.empty()
                             ? std::string{}
                             : of.owner->meta().name_space + '/' + wants.default_backend;
        const auto& key = own.empty() ? in_.by.default_backend : own;
        if (key.empty() || (own.empty() && wants.custom_errors.empty())) return;
        const auto spare = default_endpoints(key);
        if (spare.empty()) {
            if (!own.empty() && !in_.by.services_unseen)
                warn(*of.owner, "the default backend " + key + " has no endpoint");
            return;
        }
        if (!own.empty()) made.default_backend = spare;
        if (wants.custom_errors.empty()) return;
        auto& pages = made.error_pages.emplace();
        for (const auto status : wants.custom_errors) pages.intercept.push_back({status, status});
        pages.backend = spare;
        pages.backend_headers = {
            {"X-Namespace", of.owner->meta().name_space},
            {"X-Ingress-Name", of.owner->meta().name},
            {"X-Service-Name", of.backend->service},
            {"X-Service-Port", of.backend->port.text()}};
    }

    std::vector<model::endpoint> default_endpoints(const std::string& key) const {
        const auto* service = in_.objects.find<cluster::service>(key);
        if (!service || service->ports.empty()) return {};
        const service_ref to{
            service->meta.name_space,
            service->meta.name,
            {service->ports.front().port, service->ports.front().name}};
        return endpoints_of(in_.objects, to, false, in_.by);
    }

    // nginx sends "/foo" to "/foo/" where only that is a location.
    void add_slash(const location& of, const std::string& name) {
        if (of.exact || of.path == "/" || !of.path.ends_with('/')) return;
        const auto bare = of.path.substr(0, of.path.size() - 1);
        if (bare.empty() || has(bare, false) || has(bare, true)) return;
        model::route made;
        made.name = name + "/slash";
        made.counted_as = of.owner->meta().key();
        made.match = into_.back().match;
        made.match.path = {kind::exact, bare};
        made.send_colour = false;
        made.tracks.emplace_back().name = "stable";
        auto& redirect = made.policies.redirect.emplace();
        redirect.to = "$scheme://$authority" + literal(of.path) + "$query";
        redirect.code = 301;
        join(of, std::move(made));
    }

    bool join(const location& of, model::route made) {
        model::gateway alone;
        alone.routes.push_back(std::move(made));
        bool good = true;
        for (auto& one : model::validate(alone, &check_pattern)) {
            good = good && one.level != complaint::severity::error;
            constexpr std::string_view prefix = "routes[0].";
            const auto key = one.key.starts_with(prefix) ? one.key.substr(prefix.size()) : one.key;
            one.key = "Ingress " + of.owner->meta().key() + ": " + host_ + of.path + ": " + key;
            if (one.at.file.empty()) one.at = of.owner->meta().at;
            in_.out.push_back(std::move(one));
        }
        if (good) into_.push_back(std::move(alone.routes.front()));
        return good;
    }

    const std::string& host_;
    const server& server_;
    const route_context& in_;
    std::vector<model::route>& into_;
    const bool regex_;
    std::set<std::string> met_patterns_;
};

} // namespace

std::string backend_key(std::string_view upstream_name) {
    return md5_hex(md5_hex(upstream_name).append(upstream_name));
}

void add_routes(
    const std::string& host, const server& of, const route_context& in, std::vector<model::route>& into
) {
    maker(host, of, in, into).make();
}

} // namespace adit::source::ingress
