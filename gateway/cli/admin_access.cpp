#include "cli/admin_access.hpp"

#include "cli/output.hpp"
#include "core/bytes.hpp"
#include "source/file/load.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <iostream>
#include <utility>

namespace adit::cli {

namespace {

namespace json = boost::json;

constexpr std::size_t max_token_file = 64 * 1024; // bytes

std::string member(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string{};
}

// RFC 9457: the title says what kind of problem it is, the detail what it is this time.
void complain_of(const api_answer& answer) {
    boost::system::error_code error;
    const auto body = json::parse(answer.body, error);
    const auto* problem = error ? nullptr : body.if_object();
    const auto title = problem ? member(*problem, "title") : std::string{};
    complain(
        title.empty() || answer.error.empty() ? title + answer.error : title + ": " + answer.error,
        answer.hint
    );
    const auto* list = problem ? problem->if_contains("complaints") : nullptr;
    if (!list || !list->is_array()) return;
    for (const auto& one : list->get_array())
        if (one.is_object()) std::cerr << "  " << member(one.get_object(), "message") << '\n';
}

// nullopt and complained of where a token was asked for and there is none.
std::optional<std::string> read_token(const std::string& file) {
    if (file.empty()) return std::string{};
    model::fault why;
    const auto text = source::load(file, max_token_file, &why);
    if (!text) {
        complain("the token file " + file + ' ' + why.message, why.hint);
        return std::nullopt;
    }
    auto token = first_token(*text);
    if (!token) complain("the token file " + file + " has no token in it");
    return token;
}

} // namespace

CLI::Option* add_admin_options(CLI::App& command, admin_access& into) {
    command
        .add_option(
            "--token-file", into.token_file, "File whose first token the gateway's admin API asks for"
        )
        ->type_name("FILE");
    const auto check = [](const std::string& text) {
        std::string why;
        return parse_api_address(text, &why) ? std::string{} : why;
    };
    return command.add_option("--admin", into.address, "Admin address of the gateway")
        ->type_name("ADDR")
        ->capture_default_str()
        ->check(CLI::Validator(check, ""));
}

std::optional<std::string> first_token(std::string_view text) {
    while (auto line = next_element(text, '\n')) {
        if (!line->empty() && line->back() == '\r') line = trim_ows(line->substr(0, line->size() - 1));
        if (line->empty() || line->front() == '#') continue;
        const auto gap = line->find_first_of(" \t");
        return std::string(gap == line->npos ? *line : trim_ows(line->substr(gap)));
    }
    return std::nullopt;
}

namespace {

// Where to ask, with the token in the request; nullopt after a complaint.
std::optional<api_address> prepare(const admin_access& access, api_request& request) {
    std::string why;
    auto where = parse_api_address(access.address, &why);
    if (!where) {
        complain("--admin: " + why);
        return std::nullopt;
    }
    auto token = read_token(access.token_file);
    if (!token) return std::nullopt;
    request.token = std::move(*token);
    return where;
}

} // namespace

std::optional<api_answer> ask_or_complain(const admin_access& access, api_request request) {
    const auto where = prepare(access, request);
    if (!where) return std::nullopt;
    auto answer = ask(*where, request);
    if (answer.ok()) return answer;
    complain_of(answer);
    return std::nullopt;
}

bool listen_or_complain(const admin_access& access, api_request request, event_parser::listener hear) {
    const auto where = prepare(access, request);
    if (!where) return false;
    const auto answer = listen(*where, request, std::move(hear));
    if (answer.ok()) return true;
    complain_of(answer);
    return false;
}

} // namespace adit::cli
