// What `adit demo` says on the terminal.
#pragma once

#include <string>
#include <vector>

namespace adit::cli {

struct demo_facts {
    std::string program = "adit"; // as it was called
    std::string app{};            // "127.0.0.1:8080", as a browser would write it
    std::string admin{};          // the same; empty = none
    std::string status{};         // empty = none
    std::string token{};          // of the admin API, where one was made up
    std::string token_file{};     // where the operator has given one
    std::string weight = "10";
    double rate = 20;
    unsigned users = 200;
};

// The ready line before them and the farewell after them included, a run prints no more than this.
inline constexpr std::size_t most_demo_lines = 12;

// Without line breaks.
std::vector<std::string> demo_lines(const demo_facts& facts);

// How to change the weight from a shell. The token itself stands only in demo_lines(): `show_token` false
// leaves TOKEN in its place.
std::string weight_command(const demo_facts& facts, bool show_token);

} // namespace adit::cli
