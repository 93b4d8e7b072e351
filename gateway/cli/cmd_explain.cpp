#include "admin/bodies.hpp"
#include "admin/json_text.hpp"
#include "cli/admin_access.hpp"
#include "cli/command.hpp"
#include "cli/compiled.hpp"
#include "cli/explain_story.hpp"
#include "cli/ingress_flags.hpp"
#include "cli/manifest_source.hpp"
#include "cli/output.hpp"
#include "core/bytes.hpp"
#include "core/key_files.hpp"
#include "source/file/read.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace adit::cli {

namespace {

namespace json = boost::json;

struct explain_options {
    std::string url, method = "GET", address, file, manifests, keys_directory;
    source::ingress::options ingress;
    std::vector<std::string> headers, cookies;
    admin_access access;
    output format = output::text;
};

std::string joined_cookies(const std::vector<std::string>& all) {
    std::string out;
    for (const auto& one : all) out += (out.empty() ? "" : "; ") + one;
    return out;
}

// curl's way: what stands without a scheme is http, a path alone needs -H 'Host: …', and such a Host counts
// more than that of the URL.
struct target {
    std::string url, host;
    std::vector<std::string> headers; // without Host
};

target read_target(const explain_options& options) {
    target out;
    for (const auto& line : options.headers) {
        const auto colon = line.find(':');
        if (colon != line.npos && iequals(trim_ows(std::string_view(line).substr(0, colon)), "host"))
            out.host = trim_ows(std::string_view(line).substr(colon + 1));
        else
            out.headers.push_back(line);
    }
    if (!options.cookies.empty()) out.headers.push_back("Cookie: " + joined_cookies(options.cookies));
    out.url = options.url;
    if (out.url.starts_with('/'))
        out.url.insert(0, "http://" + (out.host.empty() ? std::string{} : out.host));
    if (out.url.find("://") == out.url.npos) out.url.insert(0, "http://");
    return out;
}

json::object body_of(const explain_options& options, const target& at) {
    json::array headers;
    for (const auto& one : at.headers) headers.emplace_back(one);
    json::object out{{"method", options.method}, {"url", at.url}, {"headers", std::move(headers)}};
    if (!options.address.empty()) out["address"] = options.address;
    return out;
}

// Read as the API would read it, so that both ways refuse the same. A problem is the user's mistake.
admin::explain_request read_request(const explain_options& options) {
    const auto at = read_target(options);
    auto parsed = admin::read_explain(admin::json_text(body_of(options, at)));
    if (const auto* bad = std::get_if<admin::problem>(&parsed))
        throw CLI::ValidationError(bad->detail + (bad->hint.empty() ? "" : " (" + bad->hint + ')'));
    auto request = std::get<admin::explain_request>(std::move(parsed));
    if (!at.host.empty()) request.host = at.host;
    return request;
}

json::object to_json(const admin::explain_request& request) {
    json::array headers;
    for (const auto& [name, value] : request.headers)
        headers.emplace_back(std::string(name).append(": ").append(value));
    json::object out{
        {"method", request.method},
        {"host", request.host},
        {"path", request.target},
        {"headers", std::move(headers)}};
    if (!request.address.empty()) out["address"] = request.address;
    return out;
}

std::optional<json::object>
ask_gateway(const explain_options& options, const admin::explain_request& request) {
    const auto answer = ask_or_complain(
        options.access,
        {.method = "POST", .path = "/api/v1/explain", .body = admin::json_text(to_json(request))}
    );
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

void complain_all(const complaints& found) {
    for (const auto& one : found) std::cerr << to_text(one) << '\n';
}

// Without --keys some key is as good as any: visitors without a cookie get one, as of a gateway.
std::shared_ptr<const canary::cookie_keys> cookie_keys(const std::string& directory, complaints& found) {
    auto out = std::make_shared<canary::cookie_keys>();
    if (!canary::prepare_cookies()) {
        found.push_back({complaint::severity::error, {}, {}, "libsodium does not start", {}});
    } else if (directory.empty()) {
        out->keys.push_back(make_key());
    } else if (auto keys = load_keys(directory, found)) {
        out->keys = std::move(keys->cookie);
    }
    return out;
}

json::object
tell_of(const model::gateway& wish, const compiled& ready, const admin::explain_request& request) {
    const explain_view view{
        .table = &ready.table,
        .chooser = [&](std::uint32_t slot) { return &ready.choosers[slot]; },
        .cuts = [&](std::uint32_t slot) { return &ready.cuts[slot]; },
        .limits =
            {.first_line = wish.limits.request_line, .head = wish.limits.head, .fields = wish.limits.fields},
        .body_limit = wish.limits.body,
        .trusted = wish.trusted,
        .underscore_fields = wish.underscore_fields};
    return tell(view, request);
}

std::optional<json::object>
tell_by_file(const explain_options& options, const admin::explain_request& request) {
    auto reading = source::read_file(options.file);
    auto& found = reading.problems;
    const auto keys = cookie_keys(options.keys_directory, found);
    std::optional<compiled> ready;
    if (reading.gateway && !has_errors(found)) ready = compile(*reading.gateway, keys, found);
    complain_all(found);
    if (!ready) return std::nullopt;
    return tell_of(*reading.gateway, *ready, request);
}

// What cannot be served is named and left out, as the daemon leaves it out; warnings are for `adit check`.
std::optional<json::object>
tell_by_manifests(const explain_options& options, const admin::explain_request& request) {
    auto reading = read_manifests(options.manifests, options.ingress);
    auto& found = reading.found;
    std::optional<compiled> ready;
    if (reading.read) ready = compile(reading.wish, cookie_keys({}, found), found);
    std::erase_if(found, [](const auto& one) { return one.level != complaint::severity::error; });
    complain_all(found);
    if (!ready) return std::nullopt;
    return tell_of(reading.wish, *ready, request);
}

int explain(const explain_options& options) {
    const auto request = read_request(options);
    const auto story = !options.manifests.empty() ? tell_by_manifests(options, request)
                       : !options.file.empty()    ? tell_by_file(options, request)
                                                  : ask_gateway(options, request);
    if (!story) return exit_code::failed;
    if (options.format == output::json)
        print(json::value(*story));
    else
        print(to_text(*story));
    return exit_code::done;
}

void add_request_options(CLI::App& command, explain_options& options) {
    command
        .add_option(
            "url", options.url, "What is asked for: http://host/path, host/path, or /path with -H 'Host: …'"
        )
        ->required()
        ->type_name("URL");
    command.add_option("-X,--method", options.method, "Method")->type_name("METHOD")->capture_default_str();
    command.add_option("-H,--header", options.headers, "A header 'Name: value'; repeatable")
        ->type_name("LINE")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--cookie", options.cookies, "A cookie 'name=value'; repeatable")
        ->type_name("PAIR")
        ->take_all()
        ->allow_extra_args(false);
    command.add_option("--address", options.address, "The client's IP address")->type_name("IP");
}

} // namespace

void add_explain(CLI::App& root, int& code) {
    auto* command = root.add_subcommand("explain", "Say which route and track a request gets, and why");
    auto options = std::make_shared<explain_options>();
    add_request_options(*command, *options);
    auto* file =
        command->add_option("-c,--config", options->file, "Explain by this file and its declared weights")
            ->type_name("FILE");
    command->add_option("--keys", options->keys_directory, "With --config: keys that sign cohort cookies")
        ->type_name("DIR")
        ->needs(file);
    auto* manifests = command
                          ->add_option(
                              "--manifests", options->manifests,
                              "Explain by this folder of Kubernetes objects, as `adit serve` would read it"
                          )
                          ->type_name("DIR")
                          ->excludes(file);
    add_admin_options(*command, options->access)->excludes(file)->excludes(manifests);
    add_output_option(*command, options->format);
    add_ingress_flags(*command, options->ingress);
    command->footer(
        "Without --config and --manifests the running gateway is asked, so that overrides and the kill "
        "switch count.\n"
        "Examples:\n"
        "  adit explain http://shop.test/cart\n"
        "  adit explain shop.test/cart -H 'X-Next: gold' --cookie adit=user-1 --config adit.yaml\n"
        "  adit explain https://shop.test/cart --cookie next=always --manifests objects\n"
        "  adit explain /cart -H 'Host: shop.test' --address 10.1.2.3 --admin 127.0.0.1:9090 -o json"
    );
    command->callback([options, &code] { code = explain(*options); });
}

} // namespace adit::cli
