#include "source/file/read_retry.hpp"

#include "core/bytes.hpp"

namespace adit::source {

namespace {

void read_condition(const value& from, model::retry& into) {
    const auto text = from.text();
    if (!text) return;
    if (*text == "connect") {
        into.on_connect = true;
    } else if (*text == "reset") {
        into.on_reset = true;
    } else if (*text == "timeout") {
        into.on_timeout = true;
    } else if (*text == "bad_response") {
        into.on_bad_response = true;
    } else if (iequals(*text, "5xx")) {
        for (std::size_t status = 500; status <= model::retry::last_status; ++status)
            into.statuses.set(status - model::retry::first_status);
    } else if (const auto status = parse_decimal(*text);
               status && *status >= model::retry::first_status && *status <= model::retry::last_status) {
        into.statuses.set(*status - model::retry::first_status);
    } else {
        from.complain(
            "`" + *text + "` is nothing to retry on",
            "connect, reset, timeout, bad_response, 5xx or a status from 400 to 599"
        );
    }
}

void read_budget(const value& from, model::retry& into) {
    const section map(from);
    map.read("percent", into.budget_percent, &value::number);
    map.read("min", into.budget_min, &value::number);
}

void read_policy(const section& map, std::string_view name, bool te, model::trailers::policy& into) {
    using policy = model::trailers::policy;
    const auto found = map.find(name);
    const auto text = found ? found->text() : std::nullopt;
    if (!text) return;
    if (*text == "drop")
        into = policy::drop;
    else if (*text == "pass")
        into = policy::pass;
    else if (te && *text == "te")
        into = policy::te;
    else
        found->complain(
            "`" + *text + "` is no policy for trailers", te ? "te, drop or pass" : "drop or pass"
        );
}

} // namespace

model::retry read_retry(const value& from) {
    model::retry out;
    const section map(from);
    map.read("attempts", out.attempts, &value::number);
    if (const auto on = map.find("on")) {
        out.on_connect = out.on_reset = false;
        for (const auto& one : on->items()) read_condition(one, out);
    }
    map.read("per_try_timeout", out.per_try_timeout, &value::duration);
    map.read("within", out.within, &value::duration);
    map.read("non_idempotent", out.non_idempotent, &value::flag);
    if (const auto budget = map.find("budget")) read_budget(*budget, out);
    return out;
}

model::trailers read_trailers(const value& from) {
    model::trailers out;
    const section map(from);
    read_policy(map, "request", false, out.request);
    read_policy(map, "response", true, out.response);
    return out;
}

} // namespace adit::source
