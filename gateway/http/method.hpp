// Request methods that Adit tells apart (RFC 9110 §9, RFC 5789); all others are `other` and pass unchanged.
#pragma once

#include <cstdint>
#include <string_view>

namespace adit::http {

enum class method : std::uint8_t { get, head, post, put, delete_, connect, options, trace, patch, other };
inline constexpr std::size_t method_count = 10;

// Methods are case-sensitive (RFC 9110 §9.1).
method parse_method(std::string_view token) noexcept;
// "GET" … "PATCH", and "other".
std::string_view to_text(method value) noexcept;

// RFC 9110 §9.2.2. An unknown method is not.
constexpr bool is_idempotent(method value) noexcept {
    switch (value) {
    case method::get:
    case method::head:
    case method::put:
    case method::delete_:
    case method::options:
    case method::trace: return true;
    default: return false;
    }
}

} // namespace adit::http
