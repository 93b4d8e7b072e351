// Texts with variables, as policies write them: "https://$host$path", "/api/$1", "${request_id}".
#pragma once

#include "model/fault.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adit::model {

enum class variable : std::uint8_t {
    literal,     // no variable: the text itself
    group,       // what a group of a pattern captured; by number
    named_group, // the same by name
    authority,   // the host as received, with its port
    host,        // without a port, in lower case
    method,
    path,        // as received, without the query
    query,       // as received, with its "?"; nothing where there is none
    remote_addr, // the client's address, through trusted proxies
    request_id,
    request_uri, // path and query as received
    route,
    scheme, // http or https
    track,
    count_
};
inline constexpr std::size_t variable_count = static_cast<std::size_t>(variable::count_);

// Which variables a place allows: one bit for each.
class variable_set {
public:
    constexpr variable_set(std::initializer_list<variable> all) {
        for (const auto one : all) bits_ |= bit(one);
    }
    constexpr bool has(variable one) const { return (bits_ & bit(one)) != 0; }

private:
    static constexpr std::uint32_t bit(variable one) { return 1U << static_cast<unsigned>(one); }

    std::uint32_t bits_ = 0;
};

// What header values may tell.
inline constexpr variable_set header_variables{
    variable::authority, variable::host,       variable::method,      variable::path,
    variable::query,     variable::request_id, variable::request_uri, variable::route,
    variable::scheme,    variable::track,      variable::remote_addr};
// What may stand in a Host: nothing that a client can make into something else.
inline constexpr variable_set host_variables{
    variable::authority, variable::host, variable::route, variable::track};
inline constexpr variable_set rewrite_variables{variable::group, variable::named_group};
inline constexpr variable_set redirect_variables{variable::authority,   variable::group,      variable::host,
                                                 variable::named_group, variable::path,       variable::query,
                                                 variable::track,       variable::request_id, variable::route,
                                                 variable::request_uri, variable::scheme};

struct template_piece {
    variable what = variable::literal;
    std::string text;        // literal, or the name of a named group
    std::uint8_t number = 0; // of a group

    bool operator==(const template_piece&) const = default;
};
using text_template = std::vector<template_piece>;

// `$name` or `${name}`, `$0` to `$9` for groups, `$$` for a dollar. A name that is no variable is a group's
// where groups are allowed and it stands in braces, and a fault otherwise.
std::optional<text_template>
parse_template(std::string_view text, variable_set allowed, fault* why = nullptr);

// "request_id"; empty for literals and groups.
std::string_view name_of(variable what) noexcept;

} // namespace adit::model
