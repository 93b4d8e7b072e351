// The story of a request for people; it reads what tell() wrote, perhaps in another version.
#include "admin/json_text.hpp"
#include "cli/columns.hpp"
#include "cli/explain_story.hpp"

#include <boost/json/array.hpp>

#include <string_view>

namespace adit::cli {

namespace {

namespace json = boost::json;

// Empty where there is no such text.
std::string word(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string{};
}

std::string number(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    return found && found->is_number() ? admin::json_text(*found) : std::string{};
}

const json::object* part(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    return found ? found->if_object() : nullptr;
}

template <class Each>
void for_each_object(const json::object& from, std::string_view key, Each each) {
    const auto* found = from.if_contains(key);
    const auto* list = found ? found->if_array() : nullptr;
    if (!list) return;
    for (const auto& one : *list)
        if (const auto* object = one.if_object()) each(*object);
}

std::string joined(const json::object& from, std::string_view key) {
    std::string out;
    const auto* found = from.if_contains(key);
    const auto* list = found ? found->if_array() : nullptr;
    if (!list) return out;
    for (const auto& one : *list)
        if (const auto* text = one.if_string())
            out.append(out.empty() ? "" : ", ").append(text->data(), text->size());
    return out;
}

std::string request_text(const json::object& about) {
    auto out = word(about, "method") + ' ' + word(about, "host") + ' ' + word(about, "target") + '\n';
    columns rows(2);
    if (const auto path = word(about, "path"); !path.empty() && path != word(about, "target"))
        rows.add({"path", path});
    const auto address = word(about, "address");
    const auto peer = word(about, "peer");
    if (!address.empty()) rows.add({"address", address + (peer.empty() ? "" : ", as " + peer + " says")});
    if (const auto unseen = joined(about, "unseen"); !unseen.empty()) rows.add({"unseen", unseen});
    return out + rows.text();
}

// "shop/store, rule 0, path 1 (objects/cluster.yaml:12)": indexes as in spec.rules[0].http.paths[1].
std::string ingress_text(const json::object& whose) {
    auto out = word(whose, "name");
    if (const auto rule = number(whose, "rule"); !rule.empty())
        out += ", rule " + rule + ", path " + number(whose, "path");
    else
        out += ", " + word(whose, "part");
    if (const auto file = word(whose, "file"); !file.empty()) {
        const auto line = number(whose, "line");
        out += " (" + file + (line.empty() ? "" : ':' + line) + ')';
    }
    return out;
}

std::string route_text(const json::object& route) {
    columns rows(2);
    for_each_object(route, "rules", [&](const json::object& one) {
        rows.add({word(one, "outcome"), word(one, "route"), word(one, "why")});
    });
    if (const auto more = number(route, "left_out"); !more.empty()) rows.add({"…", more + " more routes"});
    if (const auto* ingress = part(route, "ingress")) rows.add({"ingress", ingress_text(*ingress)});
    const auto scope = word(route, "scope");
    return "routes" + (scope.empty() ? "" : ": " + scope) + '\n' + rows.text();
}

void add_fact(columns& to, const char* name, const std::string& sentence) {
    if (!sentence.empty()) to.add({name, sentence});
}

std::string track_text(const json::object& track) {
    columns rules(2);
    int position = 0;
    for_each_object(track, "force", [&](const json::object& one) {
        const auto found = word(one, "found"), annotation = word(one, "annotation");
        rules.add(
            {word(one, "outcome"), "force rule " + std::to_string(++position), word(one, "rule"),
             "→ " + word(one, "track"), found.empty() ? "" : "(" + found + ")",
             annotation.empty() ? "" : annotation + " of " + word(one, "ingress")}
        );
    });
    columns facts(2);
    add_fact(facts, "colour", word(track, "colour"));
    add_fact(facts, "pin", word(track, "pin"));
    add_fact(facts, "cohort", word(track, "cohort"));
    add_fact(facts, "dice", word(track, "dice"));
    add_fact(facts, "ingress", word(track, "ingress"));
    add_fact(facts, "decided by", word(track, "decided_by"));
    const auto* killed = track.if_contains("killed");
    if (killed && killed->is_bool() && killed->get_bool())
        add_fact(facts, "kill switch", "on: everybody goes to stable");
    columns weights(2);
    for_each_object(track, "weights", [&](const json::object& one) {
        const auto range = word(one, "range");
        const bool by_bucket = track.contains("bucket") && !range.empty();
        weights.add(
            {"weight", word(one, "track"), number(one, "percent") + " %",
             by_bucket ? "buckets: " + range : std::string{}}
        );
    });
    return "tracks\n" + rules.text() + facts.text() + weights.text();
}

} // namespace

std::string to_text(const json::object& story) {
    std::string out;
    if (const auto* request = part(story, "request")) out += request_text(*request);
    if (const auto* route = part(story, "route")) out += route_text(*route);
    if (const auto* track = part(story, "track")) out += track_text(*track);
    if (const auto summary = word(story, "summary"); !summary.empty()) out += "→ " + summary + '\n';
    return out;
}

} // namespace adit::cli
