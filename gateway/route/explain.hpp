// Why a request went to its route, told by the matcher that production uses.
#pragma once

#include "route/table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace adit::route {

// One route and what became of it for this request.
struct route_line {
    enum class outcome {
        matched,
        shadowed,  // would fit, but a more specific or earlier one did
        condition, // host and path fit, a method, header or query condition does not
        path,      // host fits, path does not
        host       // belongs to another host
    };

    std::string route;
    outcome what = outcome::host;
    std::string why; // one sentence without a full stop: `header X-Beta is absent, wanted "1"`
};

struct route_story {
    std::string host; // as matched against
    std::string path;
    std::string scope; // "host shop.test", "wildcard *.test", "routes without a host", "no host"
    const table_entry* matched = nullptr; // as long as the table
    std::vector<route_line> lines;        // in order of precedence, then those whose path or host is another
    std::size_t left_out = 0;             // lines beyond `max_lines`
};

std::string_view to_text(route_line::outcome what) noexcept;

route_story explain(
    const table& routes, const http::request_head& head, std::string_view host, std::string_view path,
    std::size_t max_lines = 200
);

} // namespace adit::route
