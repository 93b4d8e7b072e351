#include "policy/header_edits.hpp"

#include "core/bytes.hpp"

#include <algorithm>

namespace adit::policy {

namespace {

// What a refusal or a redirect says of itself.
bool is_said_by_answers(std::string_view name) noexcept {
    using http::field_id;
    switch (http::parse_field_id(name)) {
    case field_id::cache_control:
    case field_id::content_encoding:
    case field_id::content_type:
    case field_id::location:
    case field_id::server:
    case field_id::x_request_id: return true;
    default: return iequals(name, "Retry-After") || iequals(name, "Allow");
    }
}

} // namespace

// Whatever the name's value was until here, also one that was to be written.
void header_edits::take_out(std::string_view name) {
    const auto id = http::parse_field_id(name);
    if (id != http::field_id::unknown)
        ids_.set(static_cast<std::size_t>(id));
    else if (std::none_of(names_.begin(), names_.end(), [&](const auto& one) { return iequals(one, name); }))
        names_.emplace_back(name);
    const auto begin = std::string(name) + ": ";
    std::erase_if(lines_, [&](const line& one) { return iequals(one.begin, begin); });
}

void header_edits::add_line(const model::header_value& one, std::string_view key, route_findings& found) {
    const bool host = iequals(one.name, "host");
    model::fault why;
    auto value =
        model::parse_template(one.value, host ? model::host_variables : model::header_variables, &why);
    if (!value)
        return found.error(std::string(key) + '.' + one.name, std::move(why.message), std::move(why.hint));
    if (host)
        host_ = std::move(*value);
    else
        lines_.push_back({one.name + ": ", is_said_by_answers(one.name), std::move(*value)});
}

header_edits header_edits::compile(
    const model::header_edits& of_route, const model::header_edits& of_track, std::string_view key,
    route_findings& found
) {
    header_edits out;
    for (const auto* wish : {&of_route, &of_track}) {
        for (const auto& one : wish->remove) out.take_out(one);
        for (const auto& one : wish->set) {
            out.take_out(one.name);
            out.add_line(one, key, found);
        }
        for (const auto& one : wish->add) out.add_line(one, key, found);
    }
    return out;
}

void header_edits::drop(http::head& message) const noexcept {
    for (auto& f : message.fields()) {
        if (f.id != http::field_id::unknown)
            f.dropped |= ids_.test(static_cast<std::size_t>(f.id));
        else if (!names_.empty())
            f.dropped |= std::any_of(names_.begin(), names_.end(), [&](const std::string& one) {
                return f.name_size == one.size() && iequals(message.name(f), one);
            });
    }
}

} // namespace adit::policy
