// Named values of a request as rules see them: header fields, cookies, query parameters. Nothing here
// allocates.
#pragma once

#include "core/text_test.hpp"
#include "http/head.hpp"

#include <span>
#include <string>
#include <string_view>

namespace adit::http {

// A field name that was looked up once, so that a request need not.
struct field_key {
    explicit field_key(std::string_view spelled) : name(spelled), id(parse_field_id(spelled)) {}
    // As nginx looks $http_NAME up: '-' and '_' are the same.
    static field_key as_nginx(std::string_view spelled);

    std::string name;
    field_id id;
    bool any_dash = false;
};

// A field marked `dropped` is not there for rules, but for Connection and Upgrade, which are about this very
// hop.
bool is_visible(const field& f) noexcept;
// The first visible field of that name, or nullptr.
const field* find_field(const head& message, const field_key& key) noexcept;
// Puts the value to the test. Several lines of one name count as one value joined by ", " (RFC 9110 §5.3),
// those of Cookie by "; " (RFC 6265 §5.4).
pattern::verdict ask_field(const head& message, const field_key& key, const text_test& test) noexcept;
inline bool test_field(const head& message, const field_key& key, const text_test& test) noexcept {
    return ask_field(message, key, test) == pattern::verdict::match;
}

// Value of the first cookie of that name over all Cookie lines; quotes belong to the value; blanks around '='
// do not. Null view (data() == nullptr) where there is none. `any_case` compares the name as nginx's
// $cookie_NAME does.
std::string_view find_cookie(const head& request, std::string_view name, bool any_case = false) noexcept;

// The same by the rules of nginx's $cookie_NAME (ngx_http_parse_multi_header_lines): the name without case,
// blanks before a ';' belong to the value, and a ',' ends what is not the cookie that is looked for.
std::string_view find_cookie_as_nginx(const head& request, std::string_view name) noexcept;

// Value of the first parameter of that name, decoded ("%41" and '+', the URL standard's form encoding; an
// escape that is none stays as it is). Decoded values live in `scratch`, which holds at least query.size()
// bytes. A parameter without '=' has an empty value. Null view where there is none.
std::string_view find_query(std::string_view query, std::string_view name, std::span<char> scratch) noexcept;
bool test_query(std::string_view query, std::string_view name, const text_test& test) noexcept;

} // namespace adit::http
