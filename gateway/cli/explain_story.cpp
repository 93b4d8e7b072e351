#include "cli/explain_story.hpp"

#include "canary/explain.hpp"
#include "cli/utf8.hpp"
#include "core/bytes.hpp"
#include "http/framing.hpp"
#include "http/hop_by_hop.hpp"
#include "proxy/trust.hpp"
#include "route/explain.hpp"
#include "route/normalise.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <utility>

namespace adit::cli {

namespace {

namespace json = boost::json;

json::string text(std::string_view bytes) {
    return json::string(clean_utf8(bytes));
}

// The bytes that such a request is on the wire; nothing is checked here, the scanner will.
std::string wire_form(const admin::explain_request& request) {
    std::string out = request.method + ' ' + request.target + " HTTP/1.1\r\n";
    if (!request.host.empty()) out += "Host: " + request.host + "\r\n";
    for (const auto& [name, value] : request.headers) out += name + ": " + value + "\r\n";
    return out += "\r\n";
}

std::string annotation_text(std::string_view annotation, std::string_view ingress) {
    return std::string("annotation ").append(annotation).append(" of Ingress ").append(ingress);
}

// Which Ingress, rule and path a route is; empty for one of a file.
json::object tell_ingress(const model::route& of) {
    json::object out;
    const auto& key = of.counted_as;
    if (key.find('/') == key.npos || !of.name.starts_with(key + '/')) return out;
    out["name"] = text(key);
    const auto rest = std::string_view(of.name).substr(key.size() + 1);
    const auto slash = rest.find('/');
    const auto rule = parse_decimal(rest.substr(0, slash));
    auto index = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    index = index.substr(0, index.find('/'));
    if (const auto path = parse_decimal(index); rule && path) {
        out["rule"] = *rule;
        out["path"] = *path;
    } else {
        out["part"] = text(rest); // "default", "www/1"
    }
    if (!of.at.file.empty()) out["file"] = text(of.at.file);
    if (of.at.line > 0) out["line"] = of.at.line;
    return out;
}

// The annotation, or what went over it; empty where no Ingress says anything.
std::string
decided_by(const canary::track_story& story, const model::route& of, const std::string& overruled) {
    const auto& made = story.made;
    switch (made.why) {
    case canary::reason::force_header:
    case canary::reason::force_cookie:
    case canary::reason::force_query:
    case canary::reason::force_source: {
        const auto& rule = of.force[made.rule];
        return rule.annotation.empty() ? std::string{} : annotation_text(rule.annotation, rule.ingress);
    }
    case canary::reason::pin:
        return tell_ingress(of).empty() ? std::string{} : annotation_text("affinity", of.counted_as);
    case canary::reason::colour:
    case canary::reason::killed: return {};
    case canary::reason::dice:
    case canary::reason::cohort:
    case canary::reason::only: break;
    }
    if (!overruled.empty()) return overruled;
    std::string out;
    for (std::size_t i = 1; i < of.tracks.size(); ++i) {
        const auto& whose = of.tracks[i].ingress;
        if (whose.empty() || (made.track != 0 && made.track != i)) continue;
        out += out.empty() ? annotation_text("canary-weight", whose) : ", " + whose;
    }
    return out;
}

json::array tell_rules(const canary::track_story& story, const model::route& of, bool address_known) {
    json::array out;
    for (std::size_t i = 0; i < story.force.size(); ++i) {
        const auto& one = story.force[i];
        json::object line{
            {"rule", text(one.rule)}, {"track", text(one.track)}, {"outcome", to_text(one.what)}};
        const bool by_source = one.rule.starts_with("source ");
        if (!one.found.empty())
            line["found"] =
                by_source && !address_known ? json::string("no address was given") : text(one.found);
        if (const auto& said = of.force[i]; !said.annotation.empty()) {
            line["annotation"] = text(said.annotation);
            line["ingress"] = text(said.ingress);
        }
        out.push_back(std::move(line));
    }
    return out;
}

json::array tell_weights(const canary::track_story& story) {
    json::array out;
    for (const auto& one : story.weights) {
        json::object line{
            {"track", text(one.track)},
            {"percent", one.total ? 100.0 * one.weight / one.total : 0.0},
            {"buckets", one.buckets}};
        if (!one.range.empty()) line["range"] = one.range;
        out.push_back(std::move(line));
    }
    return out;
}

std::string because(const canary::track_story& story) {
    const auto& made = story.made;
    switch (made.why) {
    case canary::reason::force_header:
    case canary::reason::force_cookie:
    case canary::reason::force_query:
    case canary::reason::force_source:
        return "force rule " + std::to_string(made.rule + 1) + " (" + story.force[made.rule].rule +
               ") matches";
    case canary::reason::colour: return "its colour " + story.colour;
    case canary::reason::cohort: {
        const auto& range = story.weights[made.track].range;
        const std::string whose = made.issue_cookie ? "the bucket of its new cookie, " : "its bucket, ";
        return whose + std::to_string(made.bucket) + ", is in the track's range, " + range;
    }
    case canary::reason::dice: return "the dice " + story.dice + "; the next draw may differ";
    case canary::reason::pin: return story.pin;
    case canary::reason::killed: return "the kill switch is on";
    case canary::reason::only: break;
    }
    return "no other track has weight";
}

class teller {
public:
    teller(const explain_view& view, const admin::explain_request& request, random_source& random)
        : view_(view), asked_(request), random_(random), bytes_(wire_form(request)) {
        if (const auto given = parse_ip(request.address)) peer_ = *given;
    }

    json::object tell() && {
        if (accept_head()) tell_route();
        return std::move(out_);
    }

private:
    // The order is that of the exchange: scan, framing, host and method, size, what the gateway answers
    // itself.
    bool accept_head() {
        out_["request"] = json::object{
            {"method", text(asked_.method)}, {"host", text(asked_.host)}, {"target", text(asked_.target)}};
        const auto limits = view_.limits;
        switch (scanner_.scan(head_, bytes_, limits)) {
        case http::progress::refused: return refuse(scanner_.refusal());
        case http::progress::more: return refuse(http::refusal::head_timeout);
        case http::progress::done: break;
        }
        const auto framing = http::request_framing(head_);
        if (framing.reason != http::refusal::none) return refuse(framing.reason);
        if (const auto reason = http::check_request(head_); reason != http::refusal::none)
            return refuse(reason);
        http::mark_hop_by_hop(head_);
        if (view_.body_limit != 0 && framing.kind == http::body_kind::length &&
            framing.length > view_.body_limit)
            return refuse(http::refusal::body_too_large);
        if (head_.verb == http::method::options && head_.get(http::field_id::max_forwards) == "0")
            return answered("OPTIONS with Max-Forwards: 0 asks the gateway itself");
        proxy::drop_unbelieved(head_, proxy::contains(view_.trusted, peer_), view_.underscore_fields);
        return true;
    }

    void tell_route() {
        char host_room[route::max_host];
        const auto host = route::normalise_host(head_.authority(), host_room);
        auto raw = http::path_or_root(head_);
        if (raw == "*") raw = "/"; // as in the exchange: any route of the host may answer
        std::string path_room(raw.size(), '\0');
        const auto path = route::normalise_path(raw, path_room);
        tell_request(host, path);
        if (!path) return void(refuse(http::refusal::bad_escape));

        const auto story = route::explain(*view_.table, head_, host, *path);
        json::array lines;
        for (const auto& one : story.lines)
            lines.push_back(json::object{
                {"route", text(one.route)}, {"outcome", to_text(one.what)}, {"why", text(one.why)}});
        json::object told{{"scope", text(story.scope)}, {"rules", std::move(lines)}};
        if (story.left_out > 0) told["left_out"] = story.left_out;
        if (story.matched) {
            told["name"] = text(story.matched->route->name);
            if (auto whose = tell_ingress(*story.matched->route); !whose.empty())
                told["ingress"] = std::move(whose);
        }
        out_["route"] = std::move(told);
        if (!story.matched) return void(refuse(http::refusal::no_route));
        tell_track(*story.matched);
    }

    void tell_request(std::string_view host, const std::optional<std::string_view>& path) {
        auto& about = out_["request"].as_object();
        about["method"] = text(head_.method_text());
        about["target"] = text(head_.target());
        about["host"] = text(host);
        if (path) about["path"] = text(*path);
        if (head_.has_query) about["query"] = text(head_.query());
        address_ = proxy::client_address(head_, peer_, view_.trusted);
        if (address_known()) about["address"] = format_ip(address_);
        if (address_ != peer_) about["peer"] = format_ip(peer_);
        json::array unseen;
        for (const auto& f : head_.fields())
            if (!http::is_visible(f)) unseen.push_back(text(head_.name(f)));
        if (!unseen.empty()) about["unseen"] = std::move(unseen);
    }

    void tell_track(const route::table_entry& entry) {
        const auto* by = view_.chooser(entry.slot);
        const auto* now = view_.cuts(entry.slot);
        if (!by || !now) return void(refuse(http::refusal::internal_error));
        const auto story = canary::explain(*by, *entry.route, head_, address_, *now, random_);
        json::object told{
            {"name", text(story.track)},
            {"reason", to_text(story.made.why)},
            {"why", text(story.why)},
            {"randomised", story.made.randomised},
            {"force", tell_rules(story, *entry.route, address_known())},
            {"colour", text(story.colour)},
            {"cohort", text(story.cohort)},
            {"weights", tell_weights(story)},
            {"killed", story.killed},
            {"generation", now->generation}};
        if (!story.pin.empty()) told["pin"] = text(story.pin);
        if (!story.dice.empty()) told["dice"] = story.dice;
        if (story.made.bucket != canary::no_bucket) told["bucket"] = story.made.bucket;
        if (story.made.rule != canary::no_rule) told["rule"] = story.made.rule + 1;
        if (story.made.issue_cookie) told["issues_cookie"] = true;
        if (const auto& whose = entry.route->tracks[story.made.track].ingress; !whose.empty())
            told["ingress"] = text(whose);
        const auto overruled = view_.overruled ? view_.overruled(entry.slot) : std::string{};
        const auto said = decided_by(story, *entry.route, overruled);
        if (!said.empty()) told["decided_by"] = text(said);
        out_["track"] = std::move(told);
        out_["summary"] = text(
            "track " + story.track + " because " + because(story) + (said.empty() ? "" : " (" + said + ')')
        );
    }

    // "::" stands in for an address that was not given: it is in no prefix but those that hold everything.
    bool address_known() const { return !asked_.address.empty() || address_ != peer_; }

    bool refuse(http::refusal reason) {
        const auto& about = http::traits(reason);
        out_["refusal"] =
            json::object{{"reason", about.word}, {"status", about.status}, {"detail", about.detail}};
        out_["summary"] = text(
            "refused with " + std::to_string(about.status) + ' ' + std::string(about.word) + ": " +
            std::string(about.detail)
        );
        return false;
    }

    bool answered(std::string_view why) {
        out_["answered"] = why;
        out_["summary"] = text("answered here: " + std::string(why));
        return false;
    }

    const explain_view& view_;
    const admin::explain_request& asked_;
    random_source& random_;
    std::string bytes_;
    http::head_scanner scanner_;
    http::request_head head_;
    ip_address peer_, address_;
    json::object out_;
};

} // namespace

json::object tell(const explain_view& view, const admin::explain_request& request, random_source& random) {
    return teller(view, request, random).tell();
}

json::object tell(const explain_view& view, const admin::explain_request& request) {
    random_source random;
    return tell(view, request, random);
}

} // namespace adit::cli
