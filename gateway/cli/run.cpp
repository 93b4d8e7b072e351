#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/version.hpp"
#include "model/suggest.hpp"

#include <CLI/Config.hpp>
#include <CLI/Error.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace adit::cli {

namespace {

constexpr const char* about =
    "Adit is the way into a cluster, with a canary at the mouth: an HTTP gateway that routes every "
    "request to a track.";
constexpr const char* examples =
    "Examples:\n"
    "  adit demo                                                      a gateway, two versions, some traffic\n"
    "  adit proxy --stable http://127.0.0.1:3000 --canary http://127.0.0.1:3001 --weight 10\n"
    "  adit weight set default canary=25\n"
    "  adit check --config adit.yaml\n"
    "  adit serve --config adit.yaml\n"
    "  kubectl get ingress,configmap -A -o yaml | adit migrate -      may ingress-nginx go?\n"
    "  adit explain http://shop.test/cart -H 'X-Next: gold' --config adit.yaml\n"
    "  adit tap --status 5xx                                          exchanges as they end; adit top for "
    "rates\n"
    "\n"
    "`adit COMMAND --help` tells more. Exit codes: 0 done, 1 failed, 2 usage.";

// The command that the words have led to so far.
const CLI::App& deepest(const CLI::App& root) {
    const auto* at = &root;
    for (auto below = at->get_subcommands(); !below.empty(); below = at->get_subcommands()) at = below.back();
    return *at;
}

std::string full_name(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent ? full_name(*parent) + ' ' + command.get_name() : command.get_name();
}

std::vector<std::string> command_names(const CLI::App& of) {
    std::vector<std::string> out;
    for (const auto* one : of.get_subcommands([](const CLI::App*) { return true; }))
        out.push_back(one->get_name());
    return out;
}

std::vector<std::string> option_names(const CLI::App& of) {
    std::vector<std::string> out;
    for (const auto* one : of.get_options())
        for (const auto& name : one->get_lnames()) out.push_back("--" + name);
    return out;
}

std::string list_of(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& one : words) out += (out.empty() ? "" : ", ") + one;
    return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    const auto near = model::nearest(word, views);
    return near ? "; did you mean `" + std::string(*near) + "`?" : std::string{};
}

// A word that nobody took tells more than what was missing because of it.
std::string tell_usage_error(const CLI::App& at, const CLI::ParseError& why) {
    const auto left = at.remaining(true);
    const auto option =
        std::find_if(left.begin(), left.end(), [](const auto& word) { return word.starts_with('-'); });
    if (option != left.end())
        return "there is no option " + *option +
               did_you_mean(option->substr(0, option->find('=')), option_names(at));
    const auto commands = command_names(at);
    if (!commands.empty() && !left.empty())
        return "there is no command \"" + left.front() + '"' + did_you_mean(left.front(), commands);
    if (!commands.empty() && at.get_subcommands().empty()) return "say which: " + list_of(commands);
    if (!left.empty()) return '"' + left.front() + "\" is one word too many";
    return why.what();
}

int refuse(const CLI::App& root, const CLI::ParseError& why) {
    const auto& at = deepest(root);
    const auto name = full_name(at);
    std::cerr << name << ": " << tell_usage_error(at, why) << "\nTry `" << name << " --help`.\n";
    return exit_code::usage;
}

int parse_and_run(CLI::App& root, int argc, char** argv, const int& code) {
    try {
        root.parse(argc, argv);
    } catch (const CLI::Success& wish) { // --help, --version
        root.exit(wish);
        return exit_code::done;
    } catch (const CLI::ParseError& why) {
        return refuse(root, why);
    }
    if (!root.get_subcommands().empty()) return code;
    std::cerr << root.help();
    return exit_code::usage;
}

int build_and_run(int argc, char** argv) {
    CLI::App root(about, "adit");
    int code = exit_code::failed;
    add_serve(root, code);
    add_demo(root, code);
    add_proxy(root, code);
    add_check(root, code);
    add_explain(root, code);
    add_weight(root, code);
    add_migrate(root, code);
    add_tap(root, code);
    add_top(root, code);
    add_version(root, code);
    root.footer(examples); // after the commands, which would inherit it
    const auto version = [] {
        auto text = version_text();
        text.pop_back(); // the line break, which comes by itself
        return text;
    };
    root.set_version_flag("-V,--version", version, "The same as `adit version`");
    return parse_and_run(root, argc, argv, code);
}

} // namespace

int run(int argc, char** argv) {
    int code = exit_code::failed;
    try {
        code = build_and_run(argc, argv);
        std::cout.flush();
        if (!std::cout && code == exit_code::done) {
            complain("the output could not be written");
            code = exit_code::failed;
        }
    } catch (const std::exception& why) {
        complain(why.what());
    } catch (...) {
        complain("failed for a reason that cannot be told");
    }
    return code;
}

} // namespace adit::cli
