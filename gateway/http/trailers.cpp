#include "http/trailers.hpp"

#include "http/octets.hpp"

#include <algorithm>
#include <array>

namespace adit::http {

bool forbidden_in_trailer(std::string_view name) noexcept {
    if (name.find('_') != std::string_view::npos) return true;
    switch (parse_field_id(name)) {
    case field_id::connection:
    case field_id::content_length:
    case field_id::transfer_encoding:
    case field_id::te:
    case field_id::trailer:
    case field_id::host:
    case field_id::upgrade:
    case field_id::keep_alive:
    case field_id::authorization:
    case field_id::proxy_authorization:
    case field_id::proxy_authenticate:
    case field_id::proxy_connection:
    case field_id::cookie:
    case field_id::set_cookie:
    case field_id::content_type:
    case field_id::content_encoding:
    case field_id::expect:
    case field_id::max_forwards:
    case field_id::cache_control:
    case field_id::forwarded:
    case field_id::x_forwarded_for:
    case field_id::x_forwarded_host:
    case field_id::x_forwarded_port:
    case field_id::x_forwarded_proto:
    case field_id::x_forwarded_scheme:
    case field_id::x_real_ip:
    case field_id::x_version_route:
    case field_id::x_canary:
    case field_id::location:
    case field_id::vary:
    case field_id::date:
    case field_id::x_original_forwarded_for:
    case field_id::x_scheme:
    case field_id::x_request_id:
    case field_id::proxy:
    case field_id::via:
    case field_id::http2_settings: return true;
    default: break;
    }
    // Conditions and credentials that no rule of Adit looks at, but that an endpoint might.
    constexpr std::array<std::string_view, 17> others{
        "content-range",
        "www-authenticate",
        "age",
        "expires",
        "retry-after",
        "pragma",
        "warning",
        "range",
        "if-match",
        "if-none-match",
        "if-range",
        "if-modified-since",
        "if-unmodified-since",
        "authentication-info",
        "proxy-authentication-info",
        "content-location",
        "early-data"};
    constexpr std::array<std::string_view, 3> families{"x-forwarded-", "x-original-", "x-auth-"};
    return std::any_of(others.begin(), others.end(), [&](auto other) { return iequals(name, other); }) ||
           std::any_of(families.begin(), families.end(), [&](auto family) {
               return iequals(name.substr(0, family.size()), family);
           });
}

void announce_trailers(writer& out, const head& head) noexcept {
    if (!head.has(field_id::trailer)) return;
    bool any = false;
    for (const auto& f : head.fields()) {
        if (f.id != field_id::trailer) continue;
        auto list = head.value(f);
        while (const auto name = next_element(list)) {
            if (token_size(*name) != name->size() || name->empty() || forbidden_in_trailer(*name)) continue;
            out << (any ? ", " : "Trailer: ") << *name;
            any = true;
        }
    }
    if (any) out << "\r\n";
}

} // namespace adit::http
