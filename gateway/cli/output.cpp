#include "cli/output.hpp"

#include "admin/json_text.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <iostream>

namespace adit::cli {

void add_output_option(CLI::App& command, output& into) {
    const auto check = [](const std::string& word) {
        return word == "text" || word == "json" ? std::string{} : '"' + word + "\" is neither text nor json";
    };
    command
        .add_option_function<std::string>(
            "-o,--output",
            [&into](const std::string& word) { into = word == "json" ? output::json : output::text; },
            "How to print: text or json"
        )
        ->type_name("FORMAT")
        ->default_str("text")
        ->check(CLI::Validator(check, ""));
}

void print(std::string_view text) {
    std::cout << text;
}

void print(const boost::json::value& document) {
    std::cout << admin::json_text(document, admin::layout::indented) << '\n';
}

void complain(std::string_view message, std::string_view hint) {
    std::cerr << "adit: " << message;
    if (!hint.empty()) std::cerr << " (" << hint << ')';
    std::cerr << '\n';
}

} // namespace adit::cli
