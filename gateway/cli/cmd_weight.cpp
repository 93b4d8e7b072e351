#include "admin/json_text.hpp"
#include "cli/admin_access.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/weight_words.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace adit::cli {

namespace {

namespace json = boost::json;

struct weight_options {
    std::string route;
    std::vector<std::string> words;
    std::optional<std::uint64_t> if_match;
    admin_access access;
    output format = output::text;
};

std::optional<json::object> ask_for_object(const weight_options& options, api_request request) {
    const auto answer = ask_or_complain(options.access, std::move(request));
    if (!answer) return std::nullopt;
    boost::system::error_code error;
    auto parsed = json::parse(answer->body, error);
    if (!error && parsed.is_object()) return std::move(parsed.get_object());
    complain(
        "the API's answer is no JSON object",
        "is " + options.access.address + " the admin address of an adit?"
    );
    return std::nullopt;
}

std::vector<const json::object*> routes_of(const json::object& list) {
    std::vector<const json::object*> out;
    const auto* found = list.if_contains("routes");
    if (found && found->is_array())
        for (const auto& one : found->get_array())
            if (const auto* route = one.if_object()) out.push_back(route);
    return out;
}

std::string name_of(const json::object& route) {
    const auto* found = route.if_contains("name");
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string{};
}

// The one route that there is, where none was named. Throws a usage error where there are more.
std::optional<std::string> only_route(const weight_options& options) {
    const auto list = ask_for_object(options, {.path = "/api/v1/routes"});
    if (!list) return std::nullopt;
    const auto routes = routes_of(*list);
    if (routes.size() == 1) return name_of(*routes.front());
    if (routes.empty()) {
        complain("the gateway has no routes");
        return std::nullopt;
    }
    constexpr std::size_t most = 12;
    std::string names;
    for (std::size_t i = 0; i < routes.size() && i < most; ++i)
        names += (i ? ", " : "") + name_of(*routes[i]);
    if (routes.size() > most) names += ", …";
    throw CLI::ValidationError("name one of the " + std::to_string(routes.size()) + " routes: " + names);
}

std::string route_path(const std::string& name) {
    return "/api/v1/routes/" + encode_segment(name);
}

std::string ingress_path(const ingress_name& of) {
    return "/api/v1/ingresses/" + encode_segment(of.name_space) + '/' + encode_segment(of.name) + "/weights";
}

int get_ingress(const weight_options& options, const ingress_name& of) {
    const auto answer = ask_for_object(options, {.path = ingress_path(of)});
    if (!answer) return exit_code::failed;
    if (options.format == output::json)
        print(json::value(*answer));
    else
        print(ingress_weights_table(*answer));
    return exit_code::done;
}

int get(const weight_options& options) {
    if (const auto ingress = parse_ingress_word(options.route)) return get_ingress(options, *ingress);
    const bool all = options.route.empty();
    const auto answer = ask_for_object(options, {.path = all ? "/api/v1/routes" : route_path(options.route)});
    if (!answer) return exit_code::failed;
    if (options.format == output::json)
        print(json::value(*answer));
    else
        print(weights_table(all ? routes_of(*answer) : std::vector{&*answer}));
    return exit_code::done;
}

std::string if_match(const weight_options& options) {
    return options.if_match ? '"' + std::to_string(*options.if_match) + '"' : std::string{};
}

int change_ingress(
    const weight_options& options, const ingress_name& of, const char* method, std::string body
) {
    const auto answer = ask_for_object(
        options,
        {.method = method, .path = ingress_path(of), .body = std::move(body), .if_match = if_match(options)}
    );
    if (!answer) return exit_code::failed;
    if (options.format == output::json)
        print(json::value(*answer));
    else
        print(ingress_change_text(*answer));
    return exit_code::done;
}

int change(const weight_options& options, std::string route, const char* method, std::string body) {
    if (route.empty()) {
        auto only = only_route(options);
        if (!only) return exit_code::failed;
        route = std::move(*only);
    }
    const auto answer = ask_for_object(
        options, {.method = method,
                  .path = route_path(route) + "/weights",
                  .body = std::move(body),
                  .if_match = if_match(options)}
    );
    if (!answer) return exit_code::failed;
    if (options.format == output::json)
        print(json::value(*answer));
    else
        print(weights_change_text(*answer));
    return exit_code::done;
}

[[noreturn]] void refuse(const model::fault& why) {
    throw CLI::ValidationError(why.message + (why.hint.empty() ? "" : "; " + why.hint));
}

int set_ingress(const weight_options& options, const ingress_name& of) {
    model::fault why{"an Ingress takes one weight", "write ingress/NAMESPACE/NAME PERCENT"};
    const auto percent =
        options.words.size() == 2 ? parse_percent_word(options.words.back(), &why) : std::nullopt;
    if (!percent) refuse(why);
    return change_ingress(options, of, "PUT", admin::json_text(json::object{{"weight", *percent}}));
}

int clear(const weight_options& options) {
    if (const auto ingress = parse_ingress_word(options.route))
        return change_ingress(options, *ingress, "DELETE", {});
    return change(options, options.route, "DELETE", {});
}

int set(const weight_options& options) {
    if (const auto ingress = parse_ingress_word(options.words.front())) return set_ingress(options, *ingress);
    model::fault why;
    const auto wish = parse_weight_words(options.words, &why);
    if (!wish) refuse(why);
    json::object body;
    for (const auto& [track, percent] : wish->percents) body[track] = percent;
    return change(options, wish->route, "PUT", admin::json_text(body));
}

void add_common(CLI::App& command, weight_options& options) {
    add_admin_options(command, options.access);
    add_output_option(command, options.format);
}

void add_if_match(CLI::App& command, weight_options& options) {
    command
        .add_option_function<std::uint64_t>(
            "--if-match", [&options](const std::uint64_t& generation) { options.if_match = generation; },
            "Change nothing unless the route is at this generation"
        )
        ->type_name("N");
}

void add_get(CLI::App& weight, const std::shared_ptr<weight_options>& options, int& code) {
    auto* command = weight.add_subcommand("get", "Show weights: of a route, of a canary Ingress, or of all");
    command->add_option("route", options->route, "The route's name, or ingress/NAMESPACE/NAME")
        ->type_name("ROUTE");
    add_common(*command, *options);
    command->footer("Examples:\n"
                    "  adit weight get\n"
                    "  adit weight get shop -o json\n"
                    "  adit weight get ingress/shop/next       all tracks of a canary Ingress");
    command->callback([options, &code] { code = get(*options); });
}

void add_set(CLI::App& weight, const std::shared_ptr<weight_options>& options, int& code) {
    auto* command = weight.add_subcommand("set", "Override weights; tracks that are not named keep theirs");
    command
        ->add_option(
            "weights", options->words,
            "The route's name, then TRACK=PERCENT for each track; or ingress/NAMESPACE/NAME and PERCENT"
        )
        ->required()
        ->type_name("[ROUTE] TRACK=PERCENT");
    add_if_match(*command, *options);
    add_common(*command, *options);
    command->footer(
        "Where there is one route only it need not be named. Stable has no weight: it takes the rest.\n"
        "Examples:\n"
        "  adit weight set shop canary=25\n"
        "  adit weight set shop canary=12.5 next=0.5 --if-match 7\n"
        "  adit weight set canary=0\n"
        "  adit weight set ingress/shop/next 25     all routes of a canary Ingress at once"
    );
    command->callback([options, &code] { code = set(*options); });
}

void add_clear(CLI::App& weight, const std::shared_ptr<weight_options>& options, int& code) {
    auto* command = weight.add_subcommand("clear", "End an override: back to the declared weights");
    command->add_option("route", options->route, "The route's name, or ingress/NAMESPACE/NAME")
        ->type_name("ROUTE");
    add_if_match(*command, *options);
    add_common(*command, *options);
    command->footer("Where there is one route only it need not be named.\n"
                    "Examples:\n"
                    "  adit weight clear shop\n"
                    "  adit weight clear ingress/shop/next\n"
                    "  adit weight clear shop --admin 10.0.0.5:9090 --token-file token");
    command->callback([options, &code] { code = clear(*options); });
}

} // namespace

void add_weight(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("weight", "Show and change the weights of a running gateway");
    command->require_subcommand(1);
    auto options = std::make_shared<weight_options>();
    add_get(*command, options, code);
    add_set(*command, options, code);
    add_clear(*command, options, code);
    command->footer("Examples:\n"
                    "  adit weight get\n"
                    "  adit weight set shop canary=25\n"
                    "  adit weight clear shop");
}

} // namespace adit::cli
