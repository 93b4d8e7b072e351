// Answers of an operator's own in the place of errors: Adit's refusals, and upstream answers if asked for.
#pragma once

#include "core/complaint.hpp"
#include "model/endpoint.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace adit::model {

// One status, or a class of them: {400, 499} is 4xx.
struct status_range {
    std::uint16_t first = 0, last = 0;

    bool operator==(const status_range&) const = default;
};

struct error_page {
    status_range statuses;                         // a page for one status goes before that of its class
    std::string type = "text/html; charset=utf-8"; // Content-Type
    std::string content;                           // what `file` held, or the text itself
    place at;

    bool operator==(const error_page& o) const {
        return statuses == o.statuses && type == o.type && content == o.content;
    }
};

struct error_pages {
    std::vector<error_page> pages;
    std::vector<status_range> intercept; // answers of upstreams that are replaced
    // A service that makes pages for statuses that have none above, for requests that have a route. It learns
    // the status as X-Code, and more about the request; what it answers is sent with the original status.
    std::vector<endpoint> backend;
    std::vector<std::pair<std::string, std::string>> backend_headers; // further fields that it gets

    bool operator==(const error_pages&) const = default;
};

} // namespace adit::model
