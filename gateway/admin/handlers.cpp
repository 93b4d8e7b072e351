#include "admin/handlers.hpp"

#include "admin/bodies.hpp"
#include "admin/json_text.hpp"
#include "admin/openapi.hpp"
#include "admin/views.hpp"
#include "core/bytes.hpp"

namespace adit::admin {
namespace {

namespace json = boost::json;

bool wants_indent(const call& what) {
    return what.has_flag("pretty");
}

std::vector<std::string> route_names(control& gateway) {
    std::vector<std::string> out;
    for (const auto& one : gateway.routes()) out.push_back(one.name);
    return out;
}

response route_response(const json::object& body, std::uint64_t generation, bool indented) {
    auto out = json_response(200, body, indented);
    out.fields.emplace_back("ETag", etag(generation));
    return out;
}

// Tells the audit log of a refused change and answers with the problem.
void refuse(const desk& at, audit_record record, const problem& why, const respond& done) {
    record.result = why.name;
    record.status = why.status;
    at.audit(record);
    done(problem_response(why));
}

void accept(const desk& at, audit_record record, response answer, const respond& done) {
    record.result = "ok";
    record.status = answer.status;
    at.audit(record);
    done(std::move(answer));
}

reply<weights_change>
when_weights_changed(const desk& at, const call& what, audit_record record, respond done) {
    return [at, record = std::move(record), indented = wants_indent(what),
            done = std::move(done)](answer<weights_change> result) mutable {
        if (const auto* why = std::get_if<problem>(&result)) return refuse(at, std::move(record), *why, done);
        const auto& change = std::get<weights_change>(result);
        record.before = json_text(weights_json(change.before));
        record.after = json_text(weights_json(change.after));
        accept(
            at, std::move(record), route_response(to_json(change), change.after.generation, indented), done
        );
    };
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& one : names) out += (out.empty() ? "" : ",") + one;
    return out;
}

std::string names_text(const std::vector<std::string>& names) {
    json::array out;
    for (const auto& one : names) out.emplace_back(one);
    return json_text(out);
}

std::string killed_text(const kill_change& change) {
    std::vector<std::string> names;
    for (const auto& one : change.affected)
        if (one.killed) names.push_back(one.name);
    return names_text(names);
}

void set_ingress_weight(
    const desk& at, const call& what, std::string deed, std::optional<double> weight, const respond& done
) {
    ingress_weight_request wish{
        .ingress = what.name_space + '/' + what.route,
        .weight = weight,
        .if_match = read_if_match(what.if_match),
        .pause = what.has_flag("pause"),
        .by = what.by};
    audit_record record{.by = what.by, .what = std::move(deed), .object = wish.ingress};
    at.gateway.set_ingress_weight(
        std::move(wish),
        [at, record = std::move(record), indented = wants_indent(what),
         done](answer<ingress_change> result) mutable {
            if (const auto* why = std::get_if<problem>(&result))
                return refuse(at, std::move(record), *why, done);
            const auto& change = std::get<ingress_change>(result);
            record.before = json_text(weight_json(change.before));
            record.after = json_text(weight_json(change.after));
            accept(
                at, std::move(record), route_response(to_json(change), change.after.generation, indented),
                done
            );
        }
    );
}

// The body, or for DELETE, where bodies get lost on the way, ?route=NAME as often as there are names.
answer<kill_request> read_kill_request(const call& what) {
    auto parsed = read_kill(what.body);
    if (auto* bad = std::get_if<problem>(&parsed)) return std::move(*bad);
    auto& body = std::get<kill_body>(parsed);
    kill_request out{.routes = std::move(body.routes), .reason = std::move(body.reason), .by = what.by};
    for (const auto& [key, value] : what.query) {
        if (key != "route") continue;
        if (!out.routes) out.routes.emplace();
        out.routes->push_back(value);
    }
    return out;
}

void throw_switch(const desk& at, const call& what, bool on, const respond& done) {
    audit_record record{.by = what.by, .what = on ? "kill" : "unkill"};
    auto parsed = read_kill_request(what);
    if (const auto* bad = std::get_if<problem>(&parsed)) return refuse(at, std::move(record), *bad, done);
    auto& wish = std::get<kill_request>(parsed);
    if (wish.routes) record.object = joined(*wish.routes);
    auto then = [at, record = std::move(record), indented = wants_indent(what),
                 done](answer<kill_change> result) mutable {
        if (const auto* why = std::get_if<problem>(&result)) return refuse(at, std::move(record), *why, done);
        const auto& change = std::get<kill_change>(result);
        record.before = names_text(change.before);
        record.after = killed_text(change);
        accept(at, std::move(record), json_response(200, to_json(change), indented), done);
    };
    on ? at.gateway.kill(std::move(wish), std::move(then))
       : at.gateway.unkill(std::move(wish), std::move(then));
}

} // namespace

// That this thread answers is the whole of being alive: workers that hang are seen by their own probes.
void get_livez(const desk&, const call&, const respond& done) {
    done(text_response(200, "ok\n"));
}

void get_readyz(const desk& at, const call& what, const respond& done) {
    std::vector<std::string> excluded;
    for (const auto& [key, value] : what.query) {
        if (key != "exclude") continue;
        std::string_view list = value;
        while (const auto name = next_element(list))
            if (!name->empty()) excluded.emplace_back(*name);
    }
    auto told = tell_readiness(at.gateway.readiness(), excluded);
    const bool whole = !told.ready || what.has_flag("verbose");
    done(text_response(told.ready ? 200 : 503, whole ? std::move(told.text) : "ok\n"));
}

void get_metrics(const desk& at, const call&, const respond& done) {
    at.gateway.metrics([done](std::string text) {
        done(
            {.status = 200,
             .type = "text/plain; version=0.0.4; charset=utf-8",
             .body = std::move(text),
             .fields = {}}
        );
    });
}

void get_version(const desk& at, const call& what, const respond& done) {
    done(json_response(200, to_json(at.gateway.version()), wants_indent(what)));
}

void get_openapi(const desk&, const call&, const respond& done) {
    done({.status = 200, .type = "application/json", .body = std::string(openapi_text()), .fields = {}});
}

void get_routes(const desk& at, const call& what, const respond& done) {
    json::array routes;
    for (const auto& one : at.gateway.routes()) routes.push_back(to_json(one));
    done(json_response(200, json::object{{"routes", std::move(routes)}}, wants_indent(what)));
}

void get_route(const desk& at, const call& what, const respond& done) {
    const auto route = at.gateway.route(what.route);
    if (!route) return done(problem_response(unknown_route(what.route, route_names(at.gateway))));
    done(route_response(to_json(*route), route->generation, wants_indent(what)));
}

void put_weights(const desk& at, const call& what, const respond& done) {
    audit_record record{.by = what.by, .what = "weights.put", .object = what.route};
    auto weights = read_weights(what.body);
    if (const auto* bad = std::get_if<problem>(&weights)) return refuse(at, std::move(record), *bad, done);
    weights_request wish{
        .route = what.route,
        .weights = std::move(std::get<std::map<std::string, double>>(weights)),
        .if_match = read_if_match(what.if_match),
        .pause = what.has_flag("pause"),
        .by = what.by};
    at.gateway.put_weights(std::move(wish), when_weights_changed(at, what, std::move(record), done));
}

void delete_weights(const desk& at, const call& what, const respond& done) {
    audit_record record{.by = what.by, .what = "weights.delete", .object = what.route};
    clear_request wish{
        .route = what.route,
        .if_match = read_if_match(what.if_match),
        .pause = what.has_flag("pause"),
        .by = what.by};
    at.gateway.delete_weights(std::move(wish), when_weights_changed(at, what, std::move(record), done));
}

void get_ingress_weights(const desk& at, const call& what, const respond& done) {
    const auto found = at.gateway.ingress(what.name_space + '/' + what.route);
    if (const auto* why = std::get_if<problem>(&found)) return done(problem_response(*why));
    const auto& view = std::get<ingress_view>(found);
    done(route_response(to_json(view), view.generation, wants_indent(what)));
}

void put_ingress_weights(const desk& at, const call& what, const respond& done) {
    const auto weight = read_weight(what.body);
    if (const auto* bad = std::get_if<problem>(&weight))
        return refuse(
            at, {.by = what.by, .what = "ingress.put", .object = what.name_space + '/' + what.route}, *bad,
            done
        );
    set_ingress_weight(at, what, "ingress.put", std::get<double>(weight), done);
}

void delete_ingress_weights(const desk& at, const call& what, const respond& done) {
    set_ingress_weight(at, what, "ingress.delete", std::nullopt, done);
}

void post_reload(const desk& at, const call& what, const respond& done) {
    audit_record record{.by = what.by, .what = "reload"};
    at.gateway.reload(
        what.by,
        [at, record = std::move(record), indented = wants_indent(what),
         done](answer<reload_report> result) mutable {
            if (const auto* why = std::get_if<problem>(&result))
                return refuse(at, std::move(record), *why, done);
            const auto& report = std::get<reload_report>(result);
            record.after =
                json_text(json::object{{"changed", report.changed}, {"generation", report.generation}});
            accept(at, std::move(record), json_response(200, to_json(report), indented), done);
        }
    );
}

void post_explain(const desk& at, const call& what, const respond& done) {
    auto parsed = read_explain(what.body);
    if (const auto* bad = std::get_if<problem>(&parsed)) return done(problem_response(*bad));
    at.gateway.explain(
        std::move(std::get<explain_request>(parsed)),
        [indented = wants_indent(what), done](answer<json::object> result) {
            if (const auto* why = std::get_if<problem>(&result)) return done(problem_response(*why));
            done(json_response(200, std::get<json::object>(result), indented));
        }
    );
}

void post_kill(const desk& at, const call& what, const respond& done) {
    throw_switch(at, what, true, done);
}
void delete_kill(const desk& at, const call& what, const respond& done) {
    throw_switch(at, what, false, done);
}

} // namespace adit::admin
