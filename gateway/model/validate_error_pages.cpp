#include "model/error_pages.hpp"
#include "model/grammar.hpp"
#include "model/units.hpp"
#include "model/validate_bodies.hpp"

#include <algorithm>

namespace adit::model {

namespace {

constexpr std::uint16_t lowest = 400, highest = 599;
constexpr std::size_t longest_page = 1024 * 1024; // bytes

std::string to_text(const status_range& one) {
    return one.first == one.last ? std::to_string(one.first) : std::to_string(one.first / 100) + "xx";
}

bool covers(const status_range& outer, const status_range& inner) {
    return outer.first <= inner.last && inner.first <= outer.last;
}

void check_range(const status_range& one, const findings& found) {
    if (one.first < lowest || one.last > highest)
        found.error(ticked(to_text(one)) + " is not the status of an error", "from 400 to 599, 4xx or 5xx");
}

} // namespace

void check_error_pages(const error_pages& wish, const findings& found) {
    check_service(wish.backend, found.under("backend"));
    for (std::size_t i = 0; i < wish.pages.size(); ++i) {
        const auto& one = wish.pages[i];
        const auto here = found.under("pages").under(to_text(one.statuses)).at(one.at);
        check_range(one.statuses, here);
        if (one.content.size() > longest_page)
            here.error(
                "a page of " + size_to_text(one.content.size()) + " is too large",
                "at most " + size_to_text(longest_page)
            );
        if (one.type.empty() || !is_field_text(one.type) || one.type.find('/') == std::string::npos)
            here.under("type").error(ticked(one.type) + " is not a media type", "e.g. text/html");
        for (std::size_t j = 0; j < i; ++j)
            if (wish.pages[j].statuses == one.statuses)
                here.error("there are two pages for " + to_text(one.statuses), "remove one of the two");
    }
    for (std::size_t i = 0; i < wish.intercept.size(); ++i) {
        const auto here = found.under("intercept").item(i);
        const auto& one = wish.intercept[i];
        check_range(one, here);
        const bool answered =
            !wish.backend.empty() || std::any_of(wish.pages.begin(), wish.pages.end(), [&](const auto& page) {
                return covers(page.statuses, one);
            });
        if (!answered)
            here.warn("no page answers " + to_text(one) + ", so it passes as it is", "add one under pages");
    }
    if (wish.backend.empty() && !wish.backend_headers.empty())
        found.under("headers").error("nobody gets these headers", "name a backend, or remove them");
    for (const auto& [name, value] : wish.backend_headers) {
        const auto here = found.under("headers").under(name);
        if (!is_token(name)) here.error(ticked(name) + " is not the name of a header", "e.g. X-Namespace");
        if (!is_field_text(value)) here.error("a control character cannot be sent in a header");
    }
}

} // namespace adit::model
