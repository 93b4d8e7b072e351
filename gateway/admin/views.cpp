#include "admin/views.hpp"

#include <algorithm>

namespace adit::admin {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& all) {
    json::array out;
    for (const auto& one : all) out.emplace_back(one);
    return out;
}

json::object track_json(const track_view& track) {
    json::object weight{{"effective", track.effective}};
    if (track.declared) weight["declared"] = *track.declared;
    if (track.overridden) weight["overridden"] = *track.overridden;
    json::array endpoints;
    for (const auto& one : track.endpoints)
        endpoints.push_back(json::object{{"address", one.address}, {"state", one.state}});
    return {{"name", track.name}, {"weight", std::move(weight)}, {"endpoints", std::move(endpoints)}};
}

json::object match_json(const route_view& route) {
    json::object out{
        {"hosts", strings(route.hosts)}, {"path", json::object{{route.path_kind, json::string(route.path)}}}};
    if (!route.conditions.empty()) out["conditions"] = strings(route.conditions);
    return out;
}

void add_text(json::object& to, std::string_view key, const std::string& text) {
    if (!text.empty()) to[key] = text;
}

} // namespace

json::object weights_json(const route_view& route) {
    json::object out;
    for (const auto& track : route.tracks) out[track.name] = track.effective;
    return out;
}

json::object to_json(const route_view& route) {
    json::array tracks;
    for (const auto& one : route.tracks) tracks.push_back(track_json(one));
    json::object out{
        {"name", route.name},
        {"generation", route.generation},
        {"match", match_json(route)},
        {"choice", route.choice},
        {"weights", weights_json(route)},
        {"weights_from", route.weights_from},
        {"durable", route.durable},
        {"killed", route.killed},
        {"tracks", std::move(tracks)},
        {"warnings", strings(route.warnings)}};
    add_text(out, "kill_reason", route.kill_reason);
    add_text(out, "overridden_by", route.overridden_by);
    return out;
}

json::object to_json(const complaint& one) {
    json::object out{
        {"level", one.level == complaint::severity::error ? "error" : "warning"}, {"message", one.message}};
    add_text(out, "key", one.key);
    add_text(out, "hint", one.hint);
    add_text(out, "file", one.at.file);
    if (one.at.line) out["line"] = one.at.line;
    if (one.at.column) out["column"] = one.at.column;
    return out;
}

json::array to_json(const complaints& list) {
    json::array out;
    for (const auto& one : list) out.push_back(to_json(one));
    return out;
}

json::object to_json(const problem& what) {
    json::object out{
        {"type", "urn:adit:problem:" + what.name},
        {"title", what.title},
        {"status", what.status},
        {"detail", what.detail}};
    add_text(out, "hint", what.hint);
    add_text(out, "key", what.key);
    if (what.line) out["line"] = what.line;
    if (what.column) out["column"] = what.column;
    if (!what.findings.empty()) out["complaints"] = to_json(what.findings);
    return out;
}

json::object to_json(const version_info& version) {
    json::object libraries;
    for (const auto& [name, number] : version.libraries) libraries[name] = number;
    return {
        {"name", "adit"},
        {"version", version.version},
        {"revision", version.revision},
        {"compiler", version.compiler},
        {"libraries", std::move(libraries)}};
}

json::object to_json(const weights_change& change) {
    auto out = to_json(change.after);
    out["before"] = weights_json(change.before);
    out["after"] = weights_json(change.after);
    return out;
}

json::value weight_json(const ingress_view& ingress) {
    for (const auto& one : ingress.tracks)
        if (one.effective != ingress.tracks.front().effective) return nullptr;
    if (ingress.tracks.empty()) return nullptr;
    return ingress.tracks.front().effective;
}

json::object to_json(const ingress_view& ingress) {
    json::array routes;
    for (const auto& one : ingress.tracks) {
        json::object weight{{"effective", one.effective}};
        if (one.declared) weight["declared"] = *one.declared;
        if (one.overridden) weight["overridden"] = *one.overridden;
        routes.push_back(json::object{
            {"route", one.route},
            {"track", one.name},
            {"weight", std::move(weight)},
            {"weights_from", one.weights_from},
            {"generation", one.generation}});
    }
    return {{"name", ingress.name},
            {"weight", weight_json(ingress)},
            {"generation", ingress.generation},
            {"durable", ingress.durable},
            {"routes", std::move(routes)},
            {"warnings", strings(ingress.warnings)}};
}

json::object to_json(const ingress_change& change) {
    auto out = to_json(change.after);
    out["before"] = weight_json(change.before);
    out["after"] = weight_json(change.after);
    return out;
}

json::object to_json(const kill_change& change) {
    json::array routes;
    for (const auto& one : change.affected) routes.push_back(to_json(one));
    return {{"all", change.all}, {"before", strings(change.before)}, {"routes", std::move(routes)}};
}

json::object to_json(const reload_report& report) {
    return {
        {"changed", report.changed},
        {"generation", report.generation},
        {"warnings", to_json(report.warnings)}};
}

event weights_event(const weights_change& change, std::string_view by) {
    return {
        "weights",
        {{"route", change.after.name},
         {"generation", change.after.generation},
         {"weights_from", change.after.weights_from},
         {"before", weights_json(change.before)},
         {"after", weights_json(change.after)},
         {"by", by}}};
}

event kill_event(const kill_change& change, bool killed, std::string_view reason, std::string_view by) {
    json::array routes;
    for (const auto& one : change.affected) routes.emplace_back(one.name);
    return {
        killed ? "kill" : "unkill",
        {{"all", change.all},
         {"routes", std::move(routes)},
         {"before", strings(change.before)},
         {"reason", reason},
         {"by", by}}};
}

event reload_event(const reload_report& report, std::string_view by) {
    auto data = to_json(report);
    data["by"] = by;
    return {"reload", std::move(data)};
}

event endpoint_event(const upstream::health_change& change) {
    json::object data{
        {"route", change.route},
        {"track", change.track},
        {"endpoint", change.endpoint},
        {"state", upstream::to_text(change.what)}};
    add_text(data, "cause", change.cause);
    if (change.what == upstream::health_change::kind::ejected) {
        data["for_ms"] = change.lasts.count();
        data["in_a_row"] = change.row;
    }
    return {"endpoint", std::move(data)};
}

event reload_failed_event(const complaints& list, std::string_view by) {
    return {"reload-failed", {{"complaints", to_json(list)}, {"by", by}}};
}

readiness_text
tell_readiness(const std::vector<readiness_check>& checks, const std::vector<std::string>& excluded) {
    using state = readiness_check::state;
    readiness_text out;
    for (const auto& check : checks) {
        const bool counts = std::find(excluded.begin(), excluded.end(), check.name) == excluded.end();
        if (!counts) {
            out.text += "[ ] " + check.name + " excluded: ok\n";
            continue;
        }
        const auto* mark = check.is == state::ok ? "[+] " : check.is == state::degraded ? "[~] " : "[-] ";
        const auto* word = check.is == state::ok         ? " ok"
                           : check.is == state::degraded ? " degraded"
                                                         : " failed";
        out.text += mark + check.name + word + (check.detail.empty() ? "" : ": " + check.detail) + '\n';
        out.ready = out.ready && check.is != state::failed;
    }
    for (const auto& name : excluded)
        if (std::none_of(checks.begin(), checks.end(), [&](const auto& check) { return check.name == name; }))
            out.text += "[?] " + name + ": no check has this name\n";
    out.text += out.ready ? "ready\n" : "not ready\n";
    return out;
}

} // namespace adit::admin
