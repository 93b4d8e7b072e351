// What commands that ask and print have in common: -o, and how they say what went wrong.
#pragma once

#include <CLI/App.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace adit::cli {

enum class output : unsigned char { text, json };

// -o,--output text|json; `into` outlives the parsing.
void add_output_option(CLI::App& command, output& into);

void print(std::string_view text);              // to stdout
void print(const boost::json::value& document); // indented, with a line break
// "adit: MESSAGE (HINT)" to stderr.
void complain(std::string_view message, std::string_view hint = {});

} // namespace adit::cli
