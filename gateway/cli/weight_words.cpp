#include "cli/weight_words.hpp"

#include "admin/json_text.hpp"
#include "cli/columns.hpp"
#include "model/grammar.hpp"
#include "model/weight.hpp"

#include <boost/json/array.hpp>

#include <string_view>
#include <utility>

namespace adit::cli {

namespace {

namespace json = boost::json;

constexpr const char* ends_with_process =
    "This override ends with the gateway's process, which has no --state-dir.\n";

std::string word(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string{};
}

bool flag(const json::object& from, std::string_view key, bool otherwise) {
    const auto* found = from.if_contains(key);
    return found && found->is_bool() ? found->get_bool() : otherwise;
}

std::string number(const json::object* from, std::string_view key) {
    const auto* found = from ? from->if_contains(key) : nullptr;
    return found && found->is_number() ? admin::json_text(*found) : std::string{"-"};
}

const json::object* part(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    return found ? found->if_object() : nullptr;
}

std::vector<std::string> warnings(const json::object& route) {
    std::vector<std::string> out;
    const auto* found = route.if_contains("warnings");
    if (found && found->is_array())
        for (const auto& one : found->get_array())
            if (const auto* text = one.if_string()) out.emplace_back(*text);
    return out;
}

bool parse_pair(const std::string& text, weight_wish& into, model::fault* why) {
    const auto cut = text.find('=');
    const auto track = text.substr(0, cut);
    std::string_view percent = std::string_view(text).substr(cut + 1);
    if (percent.ends_with('%')) percent.remove_suffix(1);
    if (!model::is_track_name(track)) {
        model::refuse(why, '"' + text + "\" names no track", "write TRACK=PERCENT, e.g. canary=12.5");
        return false;
    }
    auto reason = model::weight_error::not_a_number;
    const auto weight = model::parse_weight(percent, &reason);
    if (!weight) {
        model::refuse(
            why, text + ": " + std::string(to_text(reason)), "write TRACK=PERCENT, e.g. canary=12.5"
        );
        return false;
    }
    if (into.percents.emplace(track, to_percent(*weight)).second) return true;
    model::refuse(why, "track " + track + " is named twice");
    return false;
}

} // namespace

std::optional<weight_wish> parse_weight_words(const std::vector<std::string>& words, model::fault* why) {
    weight_wish out;
    auto next = words.begin();
    if (next != words.end() && next->find('=') == next->npos) out.route = *next++;
    if (next == words.end())
        return model::refuse(why, "no weight is given", "write TRACK=PERCENT, e.g. canary=12.5");
    for (; next != words.end(); ++next) {
        if (next->find('=') == next->npos)
            return model::refuse(
                why, '"' + *next + "\" is no weight", "write TRACK=PERCENT, e.g. canary=12.5"
            );
        if (!parse_pair(*next, out, why)) return std::nullopt;
    }
    return out;
}

std::optional<ingress_name> parse_ingress_word(std::string_view word) {
    constexpr std::string_view prefix = "ingress/";
    if (!word.starts_with(prefix)) return std::nullopt;
    word.remove_prefix(prefix.size());
    const auto cut = word.find('/');
    if (cut == word.npos || cut == 0 || cut + 1 == word.size() || word.find('/', cut + 1) != word.npos)
        return std::nullopt;
    return ingress_name{std::string(word.substr(0, cut)), std::string(word.substr(cut + 1))};
}

std::optional<double> parse_percent_word(std::string_view word, model::fault* why) {
    const std::string written(word);
    if (word.ends_with('%')) word.remove_suffix(1);
    auto reason = model::weight_error::not_a_number;
    if (const auto weight = model::parse_weight(word, &reason)) return to_percent(*weight);
    return model::refuse(why, written + ": " + std::string(to_text(reason)), "write a percentage, e.g. 12.5");
}

std::string ingress_weights_table(const json::object& ingress) {
    columns rows;
    rows.add({"ROUTE", "TRACK", "DECLARED", "EFFECTIVE", "FROM"});
    const auto* routes = ingress.if_contains("routes");
    if (routes && routes->is_array())
        for (const auto& one : routes->get_array()) {
            const auto* route = one.if_object();
            if (!route) continue;
            const auto* weight = part(*route, "weight");
            rows.add(
                {word(*route, "route"), word(*route, "track"), number(weight, "declared"),
                 number(weight, "effective"), word(*route, "weights_from")}
            );
        }
    return rows.text();
}

std::string ingress_change_text(const json::object& change) {
    const auto* routes = change.if_contains("routes");
    const auto count = routes && routes->is_array() ? routes->get_array().size() : 0;
    const auto shown = [&](const char* key) {
        const auto text = number(&change, key);
        return text == "-" ? std::string("mixed") : text;
    };
    const auto was = shown("before"), is = shown("after");
    auto out = word(change, "name") + ": " + (was == is ? is : was + " → " + is) + " on " +
               std::to_string(count) + (count == 1 ? " route" : " routes") + " (generation " +
               number(&change, "generation") + ")\n";
    bool overridden = false, killed = false;
    for (std::size_t i = 0; i < count; ++i) {
        const auto* route = routes->get_array()[i].if_object();
        const auto from = route ? word(*route, "weights_from") : std::string{};
        overridden = overridden || from == "override";
        killed = killed || from == "kill";
    }
    if (killed) out += "The kill switch is on: everybody goes to stable until it is undone.\n";
    if (overridden && !flag(change, "durable", true)) out += ends_with_process;
    for (const auto& one : warnings(change)) out += "Warning: " + one + ".\n";
    return out;
}

std::string weights_table(const std::vector<const json::object*>& routes) {
    columns rows;
    rows.add({"ROUTE", "TRACK", "DECLARED", "EFFECTIVE", "FROM"});
    for (const auto* route : routes) {
        const auto from = flag(*route, "killed", false) ? std::string("kill") : word(*route, "weights_from");
        const auto* tracks = route->if_contains("tracks");
        if (!tracks || !tracks->is_array()) continue;
        for (const auto& one : tracks->get_array()) {
            const auto* track = one.if_object();
            if (!track) continue;
            const auto* weight = part(*track, "weight");
            rows.add(
                {word(*route, "name"), word(*track, "name"), number(weight, "declared"),
                 number(weight, "effective"), from}
            );
        }
    }
    return rows.text();
}

std::string weights_change_text(const json::object& change) {
    auto out = word(change, "name") + ":";
    const auto* before = part(change, "before");
    const auto* after = part(change, "after");
    bool first = true;
    for (const auto& one : after ? *after : json::object{}) {
        out += (std::exchange(first, false) ? " " : ", ") + std::string(one.key());
        const auto was = number(before, one.key()), is = number(after, one.key());
        out += was == is ? ' ' + is : ' ' + was + " → " + is;
    }
    out += " (generation " + number(&change, "generation") + ")\n";
    if (flag(change, "killed", false)) {
        const auto reason = word(change, "kill_reason");
        out += "The kill switch is on: everybody goes to stable until it is undone" +
               (reason.empty() ? "" : " (" + reason + ')') + ".\n";
    }
    if (word(change, "weights_from") == "override" && !flag(change, "durable", true))
        out += ends_with_process;
    for (const auto& one : warnings(change)) out += "Warning: " + one + ".\n";
    return out;
}

} // namespace adit::cli
