// The page of dots: HTML, style and script in one piece that asks nobody but its own server for anything.
#pragma once

#include <string>
#include <string_view>

namespace adit::cli {

struct demo_page {
    std::string_view version;        // who serves it: "v1", "v2"
    std::string_view weight_command; // plain text
};

std::string write_page(const demo_page& facts);

// What a browser may do with that page (CSP level 3): nothing that leads elsewhere.
extern const std::string_view page_policy;

// Text as it stands in HTML, between tags or in a quoted attribute.
std::string escape_html(std::string_view text);

} // namespace adit::cli
