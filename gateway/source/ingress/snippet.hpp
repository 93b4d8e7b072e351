// Pieces of nginx's configuration, as snippets hold them: read, never executed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adit::source::ingress {

struct directive {
    std::vector<std::string> words; // without their quotes; the first is its name
    std::vector<directive> block;   // what stands between its braces
    bool has_block = false;
};

struct snippet {
    std::vector<directive> directives;
    bool whole = true; // false: the rest could not be read, as Lua cannot
};

// As nginx splits it. Never fails; what is too long or too deep is left out.
snippet parse_snippet(std::string_view text);

// What the directives of a snippet do, and how that is said to Adit.
struct snippet_advice {
    std::string what;      // "more_set_headers X-Frame-Options"
    std::string instead;   // with names of annotations and keys in backticks; empty: nothing here does that
    bool needless = false; // Adit does so anyway; `instead` says it
};
std::vector<snippet_advice> advise(const snippet& of);

} // namespace adit::source::ingress
