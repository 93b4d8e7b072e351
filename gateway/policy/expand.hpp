// Templates made ready for requests, and what groups of a pattern become in an URI.
#pragma once

#include "core/pattern.hpp"
#include "http/writer.hpp"
#include "model/text_template.hpp"
#include "policy/route_findings.hpp"

#include <optional>
#include <string_view>

namespace adit::policy {

// Which octets of a captured text go out as they are; all others are percent-encoded (RFC 3986 §3.3, §3.4).
enum class uri_part : std::uint8_t {
    path, // pchar and '/'; a '%' is encoded: what was captured is decoded text
    query // the same without '&', '=' and '+', which would begin something new, and with '?'
};

void write_encoded(http::writer& out, std::string_view text, uri_part part) noexcept;

// Parses `text` and turns named groups into numbered ones; complains of groups that `groups` has not.
// `groups` may be null where the template can name none.
std::optional<model::text_template> compile_template(
    std::string_view key, std::string_view text, model::variable_set allowed, const pattern* groups,
    route_findings& found
);

// Writes an URI or a part of one: literals as they are, groups encoded, all else as `value_of(variable)`
// says. A path never begins with two slashes, which would name a host.
template <class Lookup>
void write_uri(
    http::writer& out, const model::text_template& pieces, const pattern::groups& groups, Lookup&& value_of
) noexcept {
    using model::variable;
    auto part = uri_part::path;
    bool before_name = false; // only slashes were written
    bool first = true;
    for (const auto& one : pieces) {
        const bool group = one.what == variable::group;
        auto text = one.what == variable::literal ? std::string_view{one.text}
                    : group                       ? groups[one.number]
                                                  : std::string_view{value_of(one.what)};
        if (text.empty()) continue;
        // A template that begins with a group is a path's, too.
        if (first && (group || text.front() == '/')) {
            out << "/";
            before_name = true;
        }
        first = false;
        if (before_name) {
            const auto name = text.find_first_not_of("/\\");
            text = name == std::string_view::npos ? std::string_view{} : text.substr(name);
            before_name = text.empty();
        }
        if (group)
            write_encoded(out, text, part);
        else
            out << text;
        if (one.what == variable::literal && text.find('?') != std::string_view::npos) part = uri_part::query;
    }
    if (first) out << "/";
}

} // namespace adit::policy
