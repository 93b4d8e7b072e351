#include "source/file/read.hpp"

#include "core/pattern.hpp"
#include "source/file/load.hpp"
#include "source/file/read_access_log.hpp"
#include "source/file/read_bodies.hpp"
#include "source/file/read_route.hpp"
#include "source/file/read_timeouts.hpp"
#include "source/file/read_tls.hpp"
#include "source/file/read_tracing.hpp"
#include "source/file/tree.hpp"
#include "source/file/value.hpp"

#include <algorithm>
#include <tuple>

namespace adit::source {

namespace {

void read_limits(const value& from, model::limits& into) {
    const section map(from);
    const auto bytes = [&](std::string_view name, std::uint32_t& target) {
        const auto found = map.find(name);
        const auto got = found ? found->size() : std::nullopt;
        if (!got) return;
        if (*got > UINT32_MAX)
            found->complain("a size is too large", "at most 48KiB");
        else
            target = static_cast<std::uint32_t>(*got);
    };
    bytes("request_line", into.request_line);
    bytes("head", into.head);
    map.read("fields", into.fields, &value::number);
    map.read("body", into.body, &value::size);
    map.read("connections", into.connections, &value::number);
    map.read("in_flight", into.in_flight, &value::number);
    map.read("memory", into.memory, &value::size);
}

void read_drain(const value& from, model::drain& into) {
    const section map(from);
    if (const auto found = map.find("min")) into.min = found->duration();
    map.read("max", into.max, &value::duration);
}

std::vector<ip_prefix> read_balancers(const value& from) {
    const section map(from);
    const auto found = map.require("from", "e.g. from: [10.0.0.0/8]");
    auto out = found ? found->prefixes() : std::vector<ip_prefix>{};
    if (found && found->kind() == node::kind::list && out.empty())
        found->complain("no balancer is named", "e.g. from: [10.0.0.0/8]");
    return out;
}

std::vector<model::listener> read_listeners(const value& from) {
    std::vector<model::listener> out;
    for (const auto& one : from.items()) {
        if (one.kind() == node::kind::scalar) {
            one.complain_kind("a map", "write {address: \"" + one.text().value_or("") + "\"}");
            continue;
        }
        const section map(one);
        const auto address = map.require("address", "e.g. address: \"0.0.0.0:8080\"");
        const auto text = address ? address->text() : std::nullopt;
        model::listener made;
        made.address = text.value_or("");
        made.at = one.at();
        map.read("tls", made.tls, &value::flag);
        if (const auto found = map.find("proxy_protocol")) made.balancers = read_balancers(*found);
        out.push_back(std::move(made));
    }
    return out;
}

model::gateway read_gateway(const value& root) {
    model::gateway out;
    const section map(root);
    if (const auto found = map.find("listeners")) out.listeners = read_listeners(*found);
    if (const auto found = map.find("tls")) out.tls = read_tls(*found);
    if (const auto found = map.require(
            "routes", "e.g. routes: [{name: shop, tracks: {stable: {endpoints: [\"10.0.0.1:8080\"]}}}]"
        ))
        for (const auto& one : found->items()) out.routes.push_back(read_route(one));
    if (const auto found = map.find("colour")) out.incoming_colour = read_colour(*found);
    if (const auto found = map.find("trusted_proxies")) out.trusted = found->prefixes();
    map.read("zone", out.zone, &value::text);
    map.read("underscore_fields", out.underscore_fields, &value::flag);
    if (const auto found = map.find("error_pages")) out.error_pages = read_error_pages(*found);
    if (const auto found = map.find("limits")) read_limits(*found, out.limits);
    if (const auto found = map.find("timeouts")) read_timeouts(*found, out.timeouts);
    if (const auto found = map.find("drain")) read_drain(*found, out.drain);
    if (const auto found = map.find("tracing")) out.tracing = read_tracing(*found);
    if (const auto found = map.find("access_log")) out.access_log = read_access_log(*found);
    return out;
}

std::optional<std::string> compile_pattern(std::string_view text) {
    const auto got = pattern::compile(text);
    const auto* failed = std::get_if<pattern::failure>(&got);
    if (!failed) return std::nullopt;
    return "not a regular expression: " + failed->message + " at byte " + std::to_string(failed->offset);
}

bool holds(std::string_view outer, std::string_view inner) {
    return inner.starts_with(outer) && (outer.empty() || inner.size() == outer.size() ||
                                        inner[outer.size()] == '.' || inner[outer.size()] == '[');
}

// What validate() finds where something could not even be read is an echo of that.
class echoes {
public:
    explicit echoes(const desk& shared) : unread_(shared.unread) {
        for (const auto& one : shared.problems)
            if (one.level == complaint::severity::error) unread_.push_back(one.key);
        for (auto& key : unread_) // without its tracks nothing else of a route can be judged
            if (key.ends_with("].tracks")) key.resize(key.size() - std::string_view(".tracks").size());
    }
    bool holds_of(std::string_view key) const {
        return std::any_of(unread_.begin(), unread_.end(), [&](const std::string& one) {
            return holds(one, key) || holds(key, one);
        });
    }

private:
    std::vector<std::string> unread_;
};

void judge(
    const model::gateway& wish, const node& root, desk& shared, const model::pattern_checker& check_pattern
) {
    if (shared.problems.size() >= max_file_problems) return; // more would not be shown
    const echoes told(shared);
    for (auto& one : model::validate(wish, check_pattern)) {
        if (told.holds_of(one.key)) continue;
        one.at = find_place(root, one.key, shared.file);
        shared.problems.push_back(std::move(one));
    }
}

// In the order of the file, and not more than anyone reads.
void tidy(complaints& problems, const std::string& file, bool stopped) {
    std::stable_sort(problems.begin(), problems.end(), [](const complaint& a, const complaint& b) {
        return std::tie(a.at.line, a.at.column) < std::tie(b.at.line, b.at.column);
    });
    if (problems.size() <= max_file_problems) return;
    // A warning must not take the place of an error.
    std::stable_partition(problems.begin(), problems.end(), [](const complaint& one) {
        return one.level == complaint::severity::error;
    });
    const auto more = problems.size() - (max_file_problems - 1);
    const auto level = problems[max_file_problems - 1].level;
    problems.resize(max_file_problems - 1);
    problems.push_back(
        {level,
         {file, 0, 0},
         {},
         (stopped ? "at least " : "") + std::to_string(more) + " more problems are not shown",
         {}}
    );
}

} // namespace

reading read_text(std::string_view text, std::string file, const model::pattern_checker& check_pattern) {
    reading out;
    const auto refused = [&](std::string message, std::string hint) {
        out.problems.push_back(
            {complaint::severity::error, {file, 0, 0}, {}, std::move(message), std::move(hint)}
        );
        return out;
    };
    if (text.size() > max_file_size)
        return refused("the file is larger than 16 MiB", "split it over several gateways");
    complaint problem;
    const auto parsed = tree::parse(text, file, problem);
    if (!parsed) {
        out.problems.push_back(std::move(problem));
        return out;
    }
    if (parsed->root().what == node::kind::nothing)
        return refused("the file is empty", "it needs at least `routes`; see config/adit.yaml");
    desk shared{file, {}, {}, 0};
    std::optional<model::gateway> wish;
    bool stopped = false;
    try {
        wish = read_gateway(value(shared, parsed->root()));
        judge(*wish, parsed->root(), shared, check_pattern ? check_pattern : compile_pattern);
    } catch (const reading_stopped&) {
        stopped = true; // after a complaint
    }
    tidy(shared.problems, file, stopped);
    out.problems = std::move(shared.problems);
    if (wish && !has_errors(out.problems)) out.gateway = std::move(wish);
    return out;
}

reading read_file(const std::filesystem::path& file, const model::pattern_checker& check_pattern) {
    model::fault why;
    const auto text = load(file, max_file_size, &why);
    if (text) return read_text(*text, file.string(), check_pattern);
    reading out;
    out.problems.push_back(
        {complaint::severity::error, {file.string(), 0, 0}, {}, "the file " + why.message, why.hint}
    );
    return out;
}

} // namespace adit::source
