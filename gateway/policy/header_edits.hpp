// Header fields that a route and a track set, add and remove.
#pragma once

#include "http/head.hpp"
#include "http/writer.hpp"
#include "model/text_template.hpp"
#include "policy/route_findings.hpp"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace adit::policy {

// Those of a route and of one of its tracks, made one list: what the track sets or removes is not written for
// the route any more. Immutable after compile(); shared by all workers.
class header_edits {
public:
    // `key` is "request_headers" or "response_headers".
    static header_edits compile(
        const model::header_edits& of_route, const model::header_edits& of_track, std::string_view key,
        route_findings& found
    );

    bool empty() const noexcept { return ids_.none() && names_.empty() && lines_.empty(); }

    // Marks the fields of `message` that are replaced or removed as dropped.
    void drop(http::head& message) const noexcept;
    // True for a field that Adit writes itself and must not: it is set or removed here.
    bool replaces(http::field_id id) const noexcept { return ids_.test(static_cast<std::size_t>(id)); }

    // The lines that are set and added, but for Host. `value_of(model::variable)` tells of the exchange what
    // may stand in a field value.
    template <class Lookup>
    void write(http::writer& out, Lookup&& value_of) const noexcept {
        for (const auto& one : lines_) write_line(out, one, value_of);
    }
    // The same for an answer of Adit's own: without what such an answer says itself.
    template <class Lookup>
    void write_own(http::writer& out, Lookup&& value_of) const noexcept {
        for (const auto& one : lines_)
            if (!one.said_by_answers) write_line(out, one, value_of);
    }
    bool sets_host() const noexcept { return !host_.empty(); }
    template <class Lookup>
    void write_host(http::writer& out, Lookup&& value_of) const noexcept {
        out << "Host: ";
        write_value(out, host_, value_of);
        out << "\r\n";
    }

private:
    struct line {
        std::string begin;    // "Name: "
        bool said_by_answers; // of Adit's own
        model::text_template value;
    };

    template <class Lookup>
    static void write_line(http::writer& out, const line& one, Lookup&& value_of) noexcept {
        out << one.begin;
        write_value(out, one.value, value_of);
        out << "\r\n";
    }
    template <class Lookup>
    static void
    write_value(http::writer& out, const model::text_template& value, Lookup&& value_of) noexcept {
        for (const auto& one : value)
            out << (one.what == model::variable::literal ? std::string_view{one.text} : value_of(one.what));
    }
    void take_out(std::string_view name);
    void add_line(const model::header_value& one, std::string_view key, route_findings& found);

    std::bitset<http::field_id_count> ids_; // set or removed
    std::vector<std::string> names_;        // the same, of those that have no id
    std::vector<line> lines_;
    model::text_template host_;
};

} // namespace adit::policy
