// The documents of a manifest file, each a text of its own: what is wrong with one says nothing about the
// next.
#pragma once

#include <string_view>
#include <vector>

namespace adit::source::cluster {

struct document {
    std::string_view text; // of the file, from the line with `---` on
    int first_line = 1;
};

// In the order of the file; those that hold nothing but blanks, comments and directives are left out.
std::vector<document> split_documents(std::string_view file);

} // namespace adit::source::cluster
